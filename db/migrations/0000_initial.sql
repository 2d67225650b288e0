CREATE TABLE `active_interfaces` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`interface_id` integer NOT NULL,
	`datapath_id` integer NOT NULL,
	`port_name` text,
	`port_number` integer,
	`singular` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `active_interfaces_pair` ON `active_interfaces` (`interface_id`,`datapath_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `active_interfaces_port` ON `active_interfaces` (`datapath_id`,`port_number`);--> statement-breakpoint
CREATE UNIQUE INDEX `active_interfaces_singular` ON `active_interfaces` (`interface_id`,`singular`);--> statement-breakpoint
CREATE TABLE `active_networks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`network_id` integer NOT NULL,
	`datapath_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `active_networks_datapath` ON `active_networks` (`datapath_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `active_networks_pair` ON `active_networks` (`network_id`,`datapath_id`);--> statement-breakpoint
CREATE TABLE `active_ports` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`datapath_id` integer NOT NULL,
	`port_name` text NOT NULL,
	`port_number` integer NOT NULL,
	`iface_id` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `active_ports_name` ON `active_ports` (`datapath_id`,`port_name`);--> statement-breakpoint
CREATE UNIQUE INDEX `active_ports_number` ON `active_ports` (`datapath_id`,`port_number`);--> statement-breakpoint
CREATE TABLE `active_segments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`segment_id` integer NOT NULL,
	`datapath_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `active_segments_datapath` ON `active_segments` (`datapath_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `active_segments_pair` ON `active_segments` (`segment_id`,`datapath_id`);--> statement-breakpoint
CREATE TABLE `changes` (
	`revision` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`table_name` text NOT NULL,
	`row_id` integer NOT NULL,
	`before` text,
	`after` text
);
--> statement-breakpoint
CREATE TABLE `datapath_networks` (
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
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_networks_mac_address_unique` ON `datapath_networks` (`mac_address`);--> statement-breakpoint
CREATE INDEX `datapath_networks_network` ON `datapath_networks` (`network_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_interface` ON `datapath_networks` (`interface_id`);--> statement-breakpoint
CREATE INDEX `datapath_networks_ip_lease` ON `datapath_networks` (`ip_lease_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_networks_pair` ON `datapath_networks` (`datapath_id`,`network_id`);--> statement-breakpoint
CREATE TABLE `datapath_segments` (
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
	FOREIGN KEY (`ip_lease_id`) REFERENCES `ip_leases`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_segments_mac_address_unique` ON `datapath_segments` (`mac_address`);--> statement-breakpoint
CREATE INDEX `datapath_segments_segment` ON `datapath_segments` (`segment_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_interface` ON `datapath_segments` (`interface_id`);--> statement-breakpoint
CREATE INDEX `datapath_segments_ip_lease` ON `datapath_segments` (`ip_lease_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `datapath_segments_pair` ON `datapath_segments` (`datapath_id`,`segment_id`);--> statement-breakpoint
CREATE TABLE `datapaths` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`display_name` text NOT NULL,
	`dpid` text NOT NULL,
	`node_id` text NOT NULL,
	`enable_ovs_learn_action` integer DEFAULT true NOT NULL,
	`trusted_fail_mode` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "dpid_is_16_hexadecimal_digits" CHECK("datapaths"."dpid" GLOB '0x[0-9a-f]*' AND length("datapaths"."dpid") = 18)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `datapaths_uuid_unique` ON `datapaths` (`uuid`);--> statement-breakpoint
CREATE UNIQUE INDEX `datapaths_dpid_unique` ON `datapaths` (`dpid`);--> statement-breakpoint
CREATE TABLE `feed_replaced` (
	`table_name` text NOT NULL,
	`row_id` integer NOT NULL,
	`before` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `function_versions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`digest` text NOT NULL,
	`bundle` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `function_versions_number` ON `function_versions` (`name`,`version`);--> statement-breakpoint
CREATE UNIQUE INDEX `function_versions_digest` ON `function_versions` (`name`,`digest`);--> statement-breakpoint
CREATE TABLE `interface_networks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`interface_id` integer NOT NULL,
	`network_id` integer NOT NULL,
	`interface_mode` text NOT NULL,
	`static` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `interface_networks_mode` ON `interface_networks` (`network_id`,`interface_mode`);--> statement-breakpoint
CREATE UNIQUE INDEX `interface_networks_pair` ON `interface_networks` (`interface_id`,`network_id`);--> statement-breakpoint
CREATE TABLE `interface_ports` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`interface_id` integer NOT NULL,
	`datapath_id` integer,
	`port_name` text,
	`singular` integer,
	`interface_mode` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`datapath_id`) REFERENCES `datapaths`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `interface_ports_datapath` ON `interface_ports` (`datapath_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `interface_ports_interface_datapath` ON `interface_ports` (`interface_id`,`datapath_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `interface_ports_name_datapath_singular` ON `interface_ports` (`port_name`,`datapath_id`,`singular`);--> statement-breakpoint
CREATE TABLE `interface_segments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`interface_id` integer NOT NULL,
	`segment_id` integer NOT NULL,
	`static` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `interface_segments_segment` ON `interface_segments` (`segment_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `interface_segments_pair` ON `interface_segments` (`interface_id`,`segment_id`);--> statement-breakpoint
CREATE TABLE `interfaces` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mode` text NOT NULL,
	`display_name` text,
	`enable_routing` integer DEFAULT false NOT NULL,
	`enable_route_translation` integer DEFAULT false NOT NULL,
	`enable_filtering` integer DEFAULT false NOT NULL,
	`enable_legacy_filtering` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `interfaces_uuid_unique` ON `interfaces` (`uuid`);--> statement-breakpoint
CREATE TABLE `ip_leases` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`interface_id` integer,
	`mac_lease_id` integer,
	`network_id` integer NOT NULL,
	`ipv4_address` integer NOT NULL,
	`enable_routing` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`mac_lease_id`) REFERENCES `mac_leases`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ip_leases_uuid_unique` ON `ip_leases` (`uuid`);--> statement-breakpoint
CREATE INDEX `ip_leases_interface` ON `ip_leases` (`interface_id`);--> statement-breakpoint
CREATE INDEX `ip_leases_mac_lease` ON `ip_leases` (`mac_lease_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `ip_leases_address` ON `ip_leases` (`network_id`,`ipv4_address`);--> statement-breakpoint
CREATE TABLE `mac_leases` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`interface_id` integer,
	`mac_address` integer NOT NULL,
	`segment_id` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mac_leases_uuid_unique` ON `mac_leases` (`uuid`);--> statement-breakpoint
CREATE UNIQUE INDEX `mac_leases_mac_address_unique` ON `mac_leases` (`mac_address`);--> statement-breakpoint
CREATE INDEX `mac_leases_interface` ON `mac_leases` (`interface_id`);--> statement-breakpoint
CREATE INDEX `mac_leases_segment` ON `mac_leases` (`segment_id`);--> statement-breakpoint
CREATE TABLE `network_services` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`display_name` text,
	`mode` text NOT NULL,
	`interface_id` integer,
	`incoming_port` integer,
	`outgoing_port` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `network_services_uuid_unique` ON `network_services` (`uuid`);--> statement-breakpoint
CREATE INDEX `network_services_interface` ON `network_services` (`interface_id`);--> statement-breakpoint
CREATE TABLE `networks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`display_name` text DEFAULT '' NOT NULL,
	`ipv4_network` integer NOT NULL,
	`ipv4_prefix` integer DEFAULT 24 NOT NULL,
	`mode` text,
	`domain_name` text NOT NULL,
	`segment_id` integer,
	`encapsulation` text,
	`tunnel_key_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tunnel_key_id`) REFERENCES `tunnel_keys`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ipv4_prefix_is_1_to_32" CHECK("networks"."ipv4_prefix" BETWEEN 1 AND 32)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `networks_uuid_unique` ON `networks` (`uuid`);--> statement-breakpoint
CREATE INDEX `networks_segment` ON `networks` (`segment_id`);--> statement-breakpoint
CREATE TABLE `segments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`mode` text NOT NULL,
	`tunnel_key_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`tunnel_key_id`) REFERENCES `tunnel_keys`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `segments_uuid_unique` ON `segments` (`uuid`);--> statement-breakpoint
CREATE TABLE `tunnel_keys` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "tunnel_key_is_24_bits" CHECK("tunnel_keys"."id" BETWEEN 1 AND 16777215)
);
