ALTER TABLE `interfaces` ADD `mac_learning_limit` integer;--> statement-breakpoint
ALTER TABLE `interfaces` ADD `mac_ageing_time` integer;--> statement-breakpoint
ALTER TABLE `lease_policy_base_interfaces` ADD `found` integer DEFAULT false NOT NULL;