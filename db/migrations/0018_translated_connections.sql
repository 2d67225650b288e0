CREATE TABLE `translation_destination_addresses` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`translation_id` integer NOT NULL,
	`route_link_id` integer,
	`protocol` text,
	`ingress_ipv4_address` integer NOT NULL,
	`egress_ipv4_address` integer NOT NULL,
	`ingress_port_number` integer,
	`egress_port_number` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`translation_id`) REFERENCES `translations`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "translation_destination_has_both_ports_or_none" CHECK(("translation_destination_addresses"."ingress_port_number" IS NULL) = ("translation_destination_addresses"."egress_port_number" IS NULL))
);
--> statement-breakpoint
CREATE INDEX `translation_destination_addresses_translation` ON `translation_destination_addresses` (`translation_id`);--> statement-breakpoint
CREATE INDEX `translation_destination_addresses_route_link` ON `translation_destination_addresses` (`route_link_id`);--> statement-breakpoint
CREATE TABLE `translation_source_addresses` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`translation_id` integer NOT NULL,
	`route_link_id` integer,
	`egress_ipv4_network` integer NOT NULL,
	`egress_ipv4_prefix` integer DEFAULT 24 NOT NULL,
	`ingress_ipv4_address` integer NOT NULL,
	`ingress_end_ipv4_address` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`translation_id`) REFERENCES `translations`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "translation_source_prefix_is_0_to_32" CHECK("translation_source_addresses"."egress_ipv4_prefix" BETWEEN 0 AND 32),
	CONSTRAINT "translation_source_pool_has_an_address" CHECK("translation_source_addresses"."ingress_end_ipv4_address" IS NULL OR "translation_source_addresses"."ingress_end_ipv4_address" >= "translation_source_addresses"."ingress_ipv4_address")
);
--> statement-breakpoint
CREATE INDEX `translation_source_addresses_translation` ON `translation_source_addresses` (`translation_id`);--> statement-breakpoint
CREATE INDEX `translation_source_addresses_route_link` ON `translation_source_addresses` (`route_link_id`);