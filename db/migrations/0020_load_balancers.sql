CREATE TABLE `load_balancer_members` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`load_balancer_id` integer NOT NULL,
	`interface_id` integer,
	`ipv4_address` integer,
	`port_number` integer NOT NULL,
	`weight` integer DEFAULT 1 NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`draining` integer DEFAULT false NOT NULL,
	`health` text DEFAULT 'unknown' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`load_balancer_id`) REFERENCES `load_balancers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "load_balancer_member_is_an_interface_or_an_address" CHECK(("load_balancer_members"."interface_id" IS NULL) <> ("load_balancer_members"."ipv4_address" IS NULL))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `load_balancer_members_uuid_unique` ON `load_balancer_members` (`uuid`);--> statement-breakpoint
CREATE INDEX `load_balancer_members_load_balancer` ON `load_balancer_members` (`load_balancer_id`);--> statement-breakpoint
CREATE INDEX `load_balancer_members_interface` ON `load_balancer_members` (`interface_id`);--> statement-breakpoint
CREATE TABLE `load_balancers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uuid` text NOT NULL,
	`display_name` text,
	`interface_id` integer NOT NULL,
	`protocol` text NOT NULL,
	`ipv4_address` integer NOT NULL,
	`port_number` integer NOT NULL,
	`health_check` text DEFAULT 'none' NOT NULL,
	`health_interval` integer DEFAULT 5 NOT NULL,
	`health_failures` integer DEFAULT 3 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`interface_id`) REFERENCES `interfaces`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "load_balancer_port_is_1_to_65535" CHECK("load_balancers"."port_number" BETWEEN 1 AND 65535)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `load_balancers_uuid_unique` ON `load_balancers` (`uuid`);--> statement-breakpoint
CREATE INDEX `load_balancers_interface` ON `load_balancers` (`interface_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `load_balancers_address` ON `load_balancers` (`interface_id`,`protocol`,`ipv4_address`,`port_number`);