CREATE TABLE `active_routers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`interface_id` integer NOT NULL,
	`network_id` integer NOT NULL,
	`datapath_id` integer,
	`speaks` integer DEFAULT true NOT NULL,
	`leased` integer DEFAULT false NOT NULL,
	`known_revision` integer,
	`acknowledged` integer DEFAULT false NOT NULL,
	`silent_since` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `active_routers_network` ON `active_routers` (`network_id`);--> statement-breakpoint
CREATE INDEX `active_routers_datapath` ON `active_routers` (`datapath_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `active_routers_router` ON `active_routers` (`interface_id`,`network_id`);