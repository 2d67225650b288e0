ALTER TABLE `load_balancers` ADD `health_path` text DEFAULT '/' NOT NULL;--> statement-breakpoint
ALTER TABLE `load_balancers` ADD `health_status_min` integer DEFAULT 200 NOT NULL;--> statement-breakpoint
ALTER TABLE `load_balancers` ADD `health_status_max` integer DEFAULT 399 NOT NULL;