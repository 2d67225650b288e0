DROP INDEX `ip_leases_address`;--> statement-breakpoint
ALTER TABLE `ip_leases` ADD `ipv6_address` text;--> statement-breakpoint
CREATE UNIQUE INDEX `ip_leases_ipv6_address` ON `ip_leases` (`network_id`,`ipv6_address`);--> statement-breakpoint
CREATE UNIQUE INDEX `ip_leases_address` ON `ip_leases` (`network_id`,`ipv4_address`) WHERE ipv4_address <> 0 OR ipv6_address IS NULL;--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_routes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mode` text DEFAULT 'gateway' NOT NULL,
	`interface_id` integer NOT NULL,
	`route_link_id` integer NOT NULL,
	`network_id` integer NOT NULL,
	`ipv4_network` integer,
	`ipv4_prefix` integer,
	`ipv6_network` text,
	`ipv6_prefix` integer,
	`ingress` integer DEFAULT true NOT NULL,
	`egress` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "route_prefix_is_0_to_32" CHECK("__new_routes"."ipv4_prefix" BETWEEN 0 AND 32),
	CONSTRAINT "ipv6_route_prefix_is_0_to_128" CHECK("__new_routes"."ipv6_prefix" BETWEEN 0 AND 128),
	CONSTRAINT "route_is_of_one_family" CHECK(("__new_routes"."ipv4_network" IS NULL) <> ("__new_routes"."ipv6_network" IS NULL))
);
--> statement-breakpoint
INSERT INTO `__new_routes`("id", "uuid", "mode", "interface_id", "route_link_id", "network_id", "ipv4_network", "ipv4_prefix", "ingress", "egress", "created_at", "updated_at") SELECT "id", "uuid", "mode", "interface_id", "route_link_id", "network_id", "ipv4_network", "ipv4_prefix", "ingress", "egress", "created_at", "updated_at" FROM `routes`;--> statement-breakpoint
DROP TABLE `routes`;--> statement-breakpoint
ALTER TABLE `__new_routes` RENAME TO `routes`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `routes_uuid_unique` ON `routes` (`uuid`);--> statement-breakpoint
CREATE INDEX `routes_interface` ON `routes` (`interface_id`);--> statement-breakpoint
CREATE INDEX `routes_route_link` ON `routes` (`route_link_id`);--> statement-breakpoint
CREATE INDEX `routes_network` ON `routes` (`network_id`);--> statement-breakpoint
ALTER TABLE `networks` ADD `ipv6_network` text;--> statement-breakpoint
ALTER TABLE `networks` ADD `ipv6_prefix` integer;