ALTER TABLE `active_routers` ADD `is_new` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `active_routers` DROP COLUMN `silent_since`;--> statement-breakpoint
ALTER TABLE `active_vlans` DROP COLUMN `silent_since`;