CREATE TABLE `translation_static_addresses` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`translation_id` integer NOT NULL,
	`route_link_id` integer,
	`ingress_ipv4_address` integer NOT NULL,
	`egress_ipv4_address` integer NOT NULL,
	`ingress_port_number` integer,
	`egress_port_number` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`translation_id`) REFERENCES `translations`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "translation_has_both_ports_or_none" CHECK(("translation_static_addresses"."ingress_port_number" IS NULL) = ("translation_static_addresses"."egress_port_number" IS NULL))
);
--> statement-breakpoint
CREATE INDEX `translation_static_addresses_translation` ON `translation_static_addresses` (`translation_id`);--> statement-breakpoint
CREATE INDEX `translation_static_addresses_route_link` ON `translation_static_addresses` (`route_link_id`);--> statement-breakpoint
CREATE TABLE `translations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mode` text NOT NULL,
	`interface_id` integer NOT NULL,
	`passthrough` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `translations_uuid_unique` ON `translations` (`uuid`);--> statement-breakpoint
CREATE INDEX `translations_interface` ON `translations` (`interface_id`);