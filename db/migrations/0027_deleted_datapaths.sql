CREATE TABLE `deleted_datapaths` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`dpid` text NOT NULL,
	`uplink_port_name` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deleted_datapaths_dpid_unique` ON `deleted_datapaths` (`dpid`);