CREATE TABLE `datapath_route_links` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`datapath_id` integer NOT NULL,
	`route_link_id` integer NOT NULL,
	`interface_id` integer,
	`mac_address` integer NOT NULL,
	`ip_lease_id` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_route_links_mac_address_unique` ON `datapath_route_links` (`mac_address`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_route_link` ON `datapath_route_links` (`route_link_id`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_interface` ON `datapath_route_links` (`interface_id`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_ip_lease` ON `datapath_route_links` (`ip_lease_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_route_links_pair` ON `datapath_route_links` (`datapath_id`,`route_link_id`);--> statement-breakpoint
CREATE TABLE `interface_route_links` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`interface_id` integer NOT NULL,
	`route_link_id` integer NOT NULL,
	`static` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `interface_route_links_route_link` ON `interface_route_links` (`route_link_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `interface_route_links_pair` ON `interface_route_links` (`interface_id`,`route_link_id`);--> statement-breakpoint
CREATE TABLE `route_links` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mac_address` integer NOT NULL,
	`tunnel_key_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`tunnel_key_id`) REFERENCES `tunnel_keys`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `route_links_uuid_unique` ON `route_links` (`uuid`);--> statement-breakpoint
CREATE UNIQUE INDEX `route_links_mac_address_unique` ON `route_links` (`mac_address`);--> statement-breakpoint
CREATE INDEX `route_links_tunnel_key` ON `route_links` (`tunnel_key_id`);--> statement-breakpoint
CREATE TABLE `routes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mode` text DEFAULT 'gateway' NOT NULL,
	`interface_id` integer NOT NULL,
	`route_link_id` integer NOT NULL,
	`network_id` integer NOT NULL,
	`ipv4_network` integer NOT NULL,
	`ipv4_prefix` integer DEFAULT 24 NOT NULL,
	`ingress` integer DEFAULT true NOT NULL,
	`egress` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "route_prefix_is_0_to_32" CHECK("routes"."ipv4_prefix" BETWEEN 0 AND 32)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `routes_uuid_unique` ON `routes` (`uuid`);--> statement-breakpoint
CREATE INDEX `routes_interface` ON `routes` (`interface_id`);--> statement-breakpoint
CREATE INDEX `routes_route_link` ON `routes` (`route_link_id`);--> statement-breakpoint
CREATE INDEX `routes_network` ON `routes` (`network_id`);