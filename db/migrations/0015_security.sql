CREATE TABLE `filter_statics` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`filter_id` integer NOT NULL,
	`protocol` text NOT NULL,
	`action` text NOT NULL,
	`src_address` integer NOT NULL,
	`src_prefix` integer NOT NULL,
	`dst_address` integer NOT NULL,
	`dst_prefix` integer NOT NULL,
	`src_port` integer,
	`dst_port` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`filter_id`) REFERENCES `filters`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "prefixes_are_0_to_32" CHECK("filter_statics"."src_prefix" BETWEEN 0 AND 32 AND "filter_statics"."dst_prefix" BETWEEN 0 AND 32)
);
--> statement-breakpoint
CREATE INDEX `filter_statics_filter` ON `filter_statics` (`filter_id`);--> statement-breakpoint
CREATE TABLE `filters` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`interface_id` integer NOT NULL,
	`mode` text NOT NULL,
	`ingress_passthrough` integer DEFAULT false NOT NULL,
	`egress_passthrough` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `filters_uuid_unique` ON `filters` (`uuid`);--> statement-breakpoint
CREATE INDEX `filters_interface` ON `filters` (`interface_id`);--> statement-breakpoint
CREATE TABLE `security_group_interfaces` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`security_group_id` integer NOT NULL,
	`interface_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`security_group_id`) REFERENCES `security_groups`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `security_group_interfaces_interface` ON `security_group_interfaces` (`interface_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `security_group_interfaces_pair` ON `security_group_interfaces` (`security_group_id`,`interface_id`);--> statement-breakpoint
CREATE TABLE `security_groups` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`display_name` text NOT NULL,
	`description` text,
	`rules` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `security_groups_uuid_unique` ON `security_groups` (`uuid`);--> statement-breakpoint
ALTER TABLE `interface_networks` ADD `filtered` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `interface_networks_filtered` ON `interface_networks` (`network_id`,`filtered`);--> statement-breakpoint
ALTER TABLE `interfaces` ADD `ingress_filtering_enabled` integer DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE `interface_networks` SET `filtered` = 1 WHERE `interface_id` IN (SELECT `id` FROM `interfaces` WHERE `enable_filtering` = 1);
