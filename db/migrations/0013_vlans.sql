CREATE TABLE `active_vlans` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`network_id` integer NOT NULL,
	`vlan_id` integer NOT NULL,
	`interface_id` integer,
	`datapath_id` integer,
	`leased` integer DEFAULT false NOT NULL,
	`known_revision` integer,
	`acknowledged` integer DEFAULT false NOT NULL,
	`silent_since` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `active_vlans_interface` ON `active_vlans` (`interface_id`);--> statement-breakpoint
CREATE INDEX `active_vlans_datapath` ON `active_vlans` (`datapath_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `active_vlans_vlan` ON `active_vlans` (`network_id`,`vlan_id`);--> statement-breakpoint
CREATE TABLE `vlan_translations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`translation_id` integer NOT NULL,
	`network_id` integer NOT NULL,
	`vlan_id` integer NOT NULL,
	`mac_address` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`translation_id`) REFERENCES `translations`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "vlan_id_is_1_to_4094" CHECK("vlan_translations"."vlan_id" BETWEEN 1 AND 4094)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `vlan_translations_uuid_unique` ON `vlan_translations` (`uuid`);--> statement-breakpoint
CREATE INDEX `vlan_translations_network` ON `vlan_translations` (`network_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `vlan_translations_vlan` ON `vlan_translations` (`translation_id`,`vlan_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `vlan_translations_pair` ON `vlan_translations` (`translation_id`,`network_id`);