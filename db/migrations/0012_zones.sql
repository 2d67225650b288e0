CREATE TABLE `conntrack_zones` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`datapath_id` integer NOT NULL,
	`zone` integer NOT NULL,
	`purpose` text NOT NULL,
	`interface_id` integer NOT NULL,
	`network_id` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "zone_is_1_to_65535" CHECK("conntrack_zones"."zone" BETWEEN 1 AND 65535)
);
--> statement-breakpoint
CREATE INDEX `conntrack_zones_interface` ON `conntrack_zones` (`interface_id`);--> statement-breakpoint
CREATE INDEX `conntrack_zones_network` ON `conntrack_zones` (`network_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `conntrack_zones_zone` ON `conntrack_zones` (`datapath_id`,`zone`);--> statement-breakpoint
CREATE UNIQUE INDEX `conntrack_zones_owner` ON `conntrack_zones` (`datapath_id`,`purpose`,`interface_id`,`network_id`);