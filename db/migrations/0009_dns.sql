CREATE TABLE `dns_records` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`dns_service_id` integer NOT NULL,
	`name` text NOT NULL,
	`canonical_name` text NOT NULL,
	`ipv4_address` integer,
	`ipv6_address` text,
	`target` text,
	`ttl` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`dns_service_id`) REFERENCES `dns_services`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "dns_record_is_of_one_type" CHECK(("dns_records"."ipv4_address" IS NOT NULL) + ("dns_records"."ipv6_address" IS NOT NULL) + ("dns_records"."target" IS NOT NULL) = 1)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `dns_records_uuid_unique` ON `dns_records` (`uuid`);--> statement-breakpoint
CREATE INDEX `dns_records_name` ON `dns_records` (`dns_service_id`,`canonical_name`);--> statement-breakpoint
CREATE TABLE `dns_services` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`network_service_id` integer NOT NULL,
	`public_dns` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`network_service_id`) REFERENCES `network_services`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `dns_services_uuid_unique` ON `dns_services` (`uuid`);--> statement-breakpoint
CREATE INDEX `dns_services_network_service` ON `dns_services` (`network_service_id`);--> statement-breakpoint
ALTER TABLE `interface_networks` ADD `host_name` text;--> statement-breakpoint
CREATE INDEX `interface_networks_host_name` ON `interface_networks` (`network_id`,`host_name`);--> statement-breakpoint
UPDATE `interface_networks` SET `host_name` = (SELECT lower(`display_name`) FROM `interfaces` WHERE `interfaces`.`id` = `interface_networks`.`interface_id` AND length(`display_name`) BETWEEN 1 AND 63 AND `display_name` NOT GLOB '*[^A-Za-z0-9-]*' AND `display_name` NOT GLOB '-*' AND `display_name` NOT GLOB '*-');
