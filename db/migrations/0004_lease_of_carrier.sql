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
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
INSERT INTO `__new_datapath_networks`("id", "datapath_id", "network_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at") SELECT "id", "datapath_id", "network_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at" FROM `datapath_networks`;--> statement-breakpoint
DROP TABLE `datapath_networks`;--> statement-breakpoint
ALTER TABLE `__new_datapath_networks` RENAME TO `datapath_networks`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_networks_mac_address_unique` ON `datapath_networks` (`mac_address`);--> statement-breakpoint
CREATE INDEX `datapath_networks_network` ON `datapath_networks` (`network_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_interface` ON `datapath_networks` (`interface_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_ip_lease` ON `datapath_networks` (`ip_lease_id`);--> statement-breakpoint
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
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
INSERT INTO `__new_datapath_segments`("id", "datapath_id", "segment_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at") SELECT "id", "datapath_id", "segment_id", "interface_id", "mac_address", "ip_lease_id", "created_at", "updated_at" FROM `datapath_segments`;--> statement-breakpoint
DROP TABLE `datapath_segments`;--> statement-breakpoint
ALTER TABLE `__new_datapath_segments` RENAME TO `datapath_segments`;--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_segments_mac_address_unique` ON `datapath_segments` (`mac_address`);--> statement-breakpoint
CREATE INDEX `datapath_segments_segment` ON `datapath_segments` (`segment_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_interface` ON `datapath_segments` (`interface_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_ip_lease` ON `datapath_segments` (`ip_lease_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_segments_pair` ON `datapath_segments` (`datapath_id`,`segment_id`);