CREATE TABLE `address_holders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`network_id` integer NOT NULL,
	`ipv4_address` integer NOT NULL,
	`interface_id` integer NOT NULL,
	`mac_address` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `address_holders_mac` ON `address_holders` (`network_id`,`mac_address`);--> statement-breakpoint
CREATE INDEX `address_holders_interface` ON `address_holders` (`interface_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `address_holders_address` ON `address_holders` (`network_id`,`ipv4_address`);--> statement-breakpoint
CREATE TABLE `allowed_addresses` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`interface_id` integer NOT NULL,
	`ipv4_network` integer NOT NULL,
	`ipv4_prefix` integer NOT NULL,
	`mac_address` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "allowed_prefix_is_0_to_32" CHECK("allowed_addresses"."ipv4_prefix" BETWEEN 0 AND 32)
);
--> statement-breakpoint
CREATE INDEX `allowed_addresses_interface` ON `allowed_addresses` (`interface_id`);