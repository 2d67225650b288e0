PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_address_holders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`network_id` integer NOT NULL,
	`ipv4_address` integer,
	`ipv6_address` text,
	`interface_id` integer NOT NULL,
	`mac_address` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`network_id`) REFERENCES `networks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "held_address_is_of_one_family" CHECK(("__new_address_holders"."ipv4_address" IS NULL) <> ("__new_address_holders"."ipv6_address" IS NULL))
);
--> statement-breakpoint
INSERT INTO `__new_address_holders`("id", "network_id", "ipv4_address", "interface_id", "mac_address", "created_at", "updated_at") SELECT "id", "network_id", "ipv4_address", "interface_id", "mac_address", "created_at", "updated_at" FROM `address_holders`;--> statement-breakpoint
DROP TABLE `address_holders`;--> statement-breakpoint
ALTER TABLE `__new_address_holders` RENAME TO `address_holders`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `address_holders_mac` ON `address_holders` (`network_id`,`mac_address`);--> statement-breakpoint
CREATE INDEX `address_holders_interface` ON `address_holders` (`interface_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `address_holders_address` ON `address_holders` (`network_id`,`ipv4_address`);--> statement-breakpoint
CREATE UNIQUE INDEX `address_holders_ipv6_address` ON `address_holders` (`network_id`,`ipv6_address`);--> statement-breakpoint
CREATE TABLE `__new_allowed_addresses` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`interface_id` integer NOT NULL,
	`ipv4_network` integer,
	`ipv4_prefix` integer,
	`ipv6_network` text,
	`ipv6_prefix` integer,
	`mac_address` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "allowed_prefix_is_0_to_32" CHECK("__new_allowed_addresses"."ipv4_prefix" BETWEEN 0 AND 32),
	CONSTRAINT "allowed_ipv6_prefix_is_0_to_128" CHECK("__new_allowed_addresses"."ipv6_prefix" BETWEEN 0 AND 128),
	CONSTRAINT "allowed_address_is_of_one_family" CHECK(("__new_allowed_addresses"."ipv4_network" IS NULL) <> ("__new_allowed_addresses"."ipv6_network" IS NULL))
);
--> statement-breakpoint
INSERT INTO `__new_allowed_addresses`("id", "interface_id", "ipv4_network", "ipv4_prefix", "mac_address", "created_at", "updated_at") SELECT "id", "interface_id", "ipv4_network", "ipv4_prefix", "mac_address", "created_at", "updated_at" FROM `allowed_addresses`;--> statement-breakpoint
DROP TABLE `allowed_addresses`;--> statement-breakpoint
ALTER TABLE `__new_allowed_addresses` RENAME TO `allowed_addresses`;--> statement-breakpoint
CREATE INDEX `allowed_addresses_interface` ON `allowed_addresses` (`interface_id`);--> statement-breakpoint
ALTER TABLE `routes` ADD `ipv6_gateway` text;