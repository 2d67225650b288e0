CREATE TABLE `topologies` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mode` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `topologies_uuid_unique` ON `topologies` (`uuid`);--> statement-breakpoint
CREATE TABLE `topology_datapaths` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`topology_id` integer NOT NULL,
	`datapath_id` integer NOT NULL,
	`interface_id` integer NOT NULL,
	`ip_lease_id` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`topology_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `topology_datapaths_datapath` ON `topology_datapaths` (`datapath_id`);--> statement-breakpoint
CREATE INDEX `topology_datapaths_interface` ON `topology_datapaths` (`interface_id`);--> statement-breakpoint
CREATE INDEX `topology_datapaths_ip_lease` ON `topology_datapaths` (`ip_lease_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `topology_datapaths_pair` ON `topology_datapaths` (`topology_id`,`datapath_id`);--> statement-breakpoint
CREATE TABLE `topology_layers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`overlay_id` integer NOT NULL,
	`underlay_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`overlay_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`underlay_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `topology_layers_underlay` ON `topology_layers` (`underlay_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `topology_layers_pair` ON `topology_layers` (`overlay_id`,`underlay_id`);--> statement-breakpoint
CREATE TABLE `topology_mac_range_groups` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`topology_id` integer NOT NULL,
	`mac_range_group_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`topology_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`mac_range_group_id`) REFERENCES `mac_range_groups`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `topology_mac_range_groups_group` ON `topology_mac_range_groups` (`mac_range_group_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `topology_mac_range_groups_pair` ON `topology_mac_range_groups` (`topology_id`,`mac_range_group_id`);--> statement-breakpoint
CREATE TABLE `topology_networks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`topology_id` integer NOT NULL,
	`network_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`topology_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `topology_networks_network` ON `topology_networks` (`network_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `topology_networks_pair` ON `topology_networks` (`topology_id`,`network_id`);--> statement-breakpoint
CREATE TABLE `topology_route_links` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`topology_id` integer NOT NULL,
	`route_link_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`topology_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `topology_route_links_route_link` ON `topology_route_links` (`route_link_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `topology_route_links_pair` ON `topology_route_links` (`topology_id`,`route_link_id`);--> statement-breakpoint
CREATE TABLE `topology_segments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`topology_id` integer NOT NULL,
	`segment_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`topology_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `topology_segments_segment` ON `topology_segments` (`segment_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `topology_segments_pair` ON `topology_segments` (`topology_id`,`segment_id`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_datapath_networks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`datapath_id` integer NOT NULL,
	`network_id` integer NOT NULL,
	`interface_id` integer,
	`mac_address` integer NOT NULL,
	`ip_lease_id` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`topology_id` integer,
	`topology_layer_id` integer,
	`topology_mac_range_group_id` integer,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`topology_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`topology_layer_id`) REFERENCES `topology_layers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`topology_mac_range_group_id`) REFERENCES `topology_mac_range_groups`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_datapath_networks`("id", "datapath_id", "network_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at") SELECT "id", "datapath_id", "network_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at" FROM `datapath_networks`;--> statement-breakpoint
DROP TABLE `datapath_networks`;--> statement-breakpoint
ALTER TABLE `__new_datapath_networks` RENAME TO `datapath_networks`;--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_networks_mac_address_unique` ON `datapath_networks` (`mac_address`);--> statement-breakpoint
CREATE INDEX `datapath_networks_network` ON `datapath_networks` (`network_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_interface` ON `datapath_networks` (`interface_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_ip_lease` ON `datapath_networks` (`ip_lease_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_topology` ON `datapath_networks` (`topology_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_topology_layer` ON `datapath_networks` (`topology_layer_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_topology_mac_range_group` ON `datapath_networks` (`topology_mac_range_group_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_networks_pair` ON `datapath_networks` (`datapath_id`,`network_id`);--> statement-breakpoint
CREATE TABLE `__new_datapath_segments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`datapath_id` integer NOT NULL,
	`segment_id` integer NOT NULL,
	`interface_id` integer,
	`mac_address` integer NOT NULL,
	`ip_lease_id` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`topology_id` integer,
	`topology_layer_id` integer,
	`topology_mac_range_group_id` integer,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`topology_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`topology_layer_id`) REFERENCES `topology_layers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`topology_mac_range_group_id`) REFERENCES `topology_mac_range_groups`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_datapath_segments`("id", "datapath_id", "segment_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at") SELECT "id", "datapath_id", "segment_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at" FROM `datapath_segments`;--> statement-breakpoint
DROP TABLE `datapath_segments`;--> statement-breakpoint
ALTER TABLE `__new_datapath_segments` RENAME TO `datapath_segments`;--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_segments_mac_address_unique` ON `datapath_segments` (`mac_address`);--> statement-breakpoint
CREATE INDEX `datapath_segments_segment` ON `datapath_segments` (`segment_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_interface` ON `datapath_segments` (`interface_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_ip_lease` ON `datapath_segments` (`ip_lease_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_topology` ON `datapath_segments` (`topology_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_topology_layer` ON `datapath_segments` (`topology_layer_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_topology_mac_range_group` ON `datapath_segments` (`topology_mac_range_group_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_segments_pair` ON `datapath_segments` (`datapath_id`,`segment_id`);--> statement-breakpoint
CREATE TABLE `__new_datapath_route_links` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`datapath_id` integer NOT NULL,
	`route_link_id` integer NOT NULL,
	`interface_id` integer,
	`mac_address` integer NOT NULL,
	`ip_lease_id` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`topology_id` integer,
	`topology_layer_id` integer,
	`topology_mac_range_group_id` integer,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`route_link_id`) REFERENCES `route_links`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`topology_id`) REFERENCES `topologies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`topology_layer_id`) REFERENCES `topology_layers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`topology_mac_range_group_id`) REFERENCES `topology_mac_range_groups`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_datapath_route_links`("id", "datapath_id", "route_link_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at") SELECT "id", "datapath_id", "route_link_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at" FROM `datapath_route_links`;--> statement-breakpoint
DROP TABLE `datapath_route_links`;--> statement-breakpoint
ALTER TABLE `__new_datapath_route_links` RENAME TO `datapath_route_links`;--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_route_links_mac_address_unique` ON `datapath_route_links` (`mac_address`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_route_link` ON `datapath_route_links` (`route_link_id`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_interface` ON `datapath_route_links` (`interface_id`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_ip_lease` ON `datapath_route_links` (`ip_lease_id`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_topology` ON `datapath_route_links` (`topology_id`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_topology_layer` ON `datapath_route_links` (`topology_layer_id`);--> statement-breakpoint
CREATE INDEX `datapath_route_links_topology_mac_range_group` ON `datapath_route_links` (`topology_mac_range_group_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_route_links_pair` ON `datapath_route_links` (`datapath_id`,`route_link_id`);