CREATE TABLE `lease_policies` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mode` text DEFAULT 'simple' NOT NULL,
	`timing` text DEFAULT 'immediate' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `lease_policies_uuid_unique` ON `lease_policies` (`uuid`);--> statement-breakpoint
CREATE TABLE `lease_policy_cursors` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`lease_policy_network_id` integer NOT NULL,
	`ipv4_address` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`lease_policy_network_id`) REFERENCES `lease_policy_base_networks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `lease_policy_cursors_lease_policy_network_id_unique` ON `lease_policy_cursors` (`lease_policy_network_id`);--> statement-breakpoint
CREATE TABLE `lease_policy_base_interfaces` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`lease_policy_id` integer NOT NULL,
	`interface_id` integer NOT NULL,
	`label` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`lease_policy_id`) REFERENCES `lease_policies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `lease_policy_base_interfaces_interface` ON `lease_policy_base_interfaces` (`interface_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `lease_policy_base_interfaces_pair` ON `lease_policy_base_interfaces` (`lease_policy_id`,`interface_id`);--> statement-breakpoint
CREATE TABLE `lease_policy_ip_lease_containers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`lease_policy_id` integer NOT NULL,
	`ip_lease_container_id` integer NOT NULL,
	`label` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`lease_policy_id`) REFERENCES `lease_policies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_container_id`) REFERENCES `ip_lease_containers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `lease_policy_ip_lease_containers_container` ON `lease_policy_ip_lease_containers` (`ip_lease_container_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `lease_policy_ip_lease_containers_pair` ON `lease_policy_ip_lease_containers` (`lease_policy_id`,`ip_lease_container_id`);--> statement-breakpoint
CREATE TABLE `lease_policy_ip_retention_containers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`lease_policy_id` integer NOT NULL,
	`ip_retention_container_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`lease_policy_id`) REFERENCES `lease_policies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_retention_container_id`) REFERENCES `ip_retention_containers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `lease_policy_ip_retention_containers_container` ON `lease_policy_ip_retention_containers` (`ip_retention_container_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `lease_policy_ip_retention_containers_pair` ON `lease_policy_ip_retention_containers` (`lease_policy_id`,`ip_retention_container_id`);--> statement-breakpoint
CREATE TABLE `lease_policy_base_networks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`lease_policy_id` integer NOT NULL,
	`network_id` integer NOT NULL,
	`ip_range_group_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`lease_policy_id`) REFERENCES `lease_policies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_range_group_id`) REFERENCES `ip_range_groups`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `lease_policy_base_networks_network` ON `lease_policy_base_networks` (`network_id`);--> statement-breakpoint
CREATE INDEX `lease_policy_base_networks_group` ON `lease_policy_base_networks` (`ip_range_group_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `lease_policy_base_networks_pair` ON `lease_policy_base_networks` (`lease_policy_id`,`network_id`);--> statement-breakpoint
CREATE TABLE `ip_range_groups` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`allocation_type` text DEFAULT 'incremental' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ip_range_groups_uuid_unique` ON `ip_range_groups` (`uuid`);--> statement-breakpoint
CREATE TABLE `ip_ranges` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`ip_range_group_id` integer NOT NULL,
	`begin_ipv4_address` integer NOT NULL,
	`end_ipv4_address` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`ip_range_group_id`) REFERENCES `ip_range_groups`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ip_range_begins_before_it_ends" CHECK("ip_ranges"."begin_ipv4_address" <= "ip_ranges"."end_ipv4_address")
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ip_ranges_uuid_unique` ON `ip_ranges` (`uuid`);--> statement-breakpoint
CREATE INDEX `ip_ranges_group` ON `ip_ranges` (`ip_range_group_id`);--> statement-breakpoint
CREATE TABLE `mac_range_groups` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`allocation_type` text DEFAULT 'random' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mac_range_groups_uuid_unique` ON `mac_range_groups` (`uuid`);--> statement-breakpoint
CREATE TABLE `mac_ranges` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mac_range_group_id` integer NOT NULL,
	`begin_mac_address` integer NOT NULL,
	`end_mac_address` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`mac_range_group_id`) REFERENCES `mac_range_groups`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "mac_range_begins_before_it_ends" CHECK("mac_ranges"."begin_mac_address" <= "mac_ranges"."end_mac_address")
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mac_ranges_uuid_unique` ON `mac_ranges` (`uuid`);--> statement-breakpoint
CREATE INDEX `mac_ranges_group` ON `mac_ranges` (`mac_range_group_id`);--> statement-breakpoint
CREATE TABLE `ip_lease_container_ip_leases` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`ip_lease_container_id` integer NOT NULL,
	`ip_lease_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`ip_lease_container_id`) REFERENCES `ip_lease_containers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `ip_lease_container_ip_leases_lease` ON `ip_lease_container_ip_leases` (`ip_lease_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `ip_lease_container_ip_leases_pair` ON `ip_lease_container_ip_leases` (`ip_lease_container_id`,`ip_lease_id`);--> statement-breakpoint
CREATE TABLE `ip_lease_containers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ip_lease_containers_uuid_unique` ON `ip_lease_containers` (`uuid`);--> statement-breakpoint
CREATE TABLE `ip_retention_containers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`lease_time` integer,
	`grace_time` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ip_retention_containers_uuid_unique` ON `ip_retention_containers` (`uuid`);--> statement-breakpoint
CREATE TABLE `ip_retentions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`ip_lease_id` integer NOT NULL,
	`ip_retention_container_id` integer NOT NULL,
	`leased_at` integer NOT NULL,
	`released_at` integer,
	`released_mac_lease_id` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ip_retention_container_id`) REFERENCES `ip_retention_containers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`released_mac_lease_id`) REFERENCES `mac_leases`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `ip_retentions_container` ON `ip_retentions` (`ip_retention_container_id`);--> statement-breakpoint
CREATE INDEX `ip_retentions_released_mac_lease` ON `ip_retentions` (`released_mac_lease_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `ip_retentions_pair` ON `ip_retentions` (`ip_lease_id`,`ip_retention_container_id`);