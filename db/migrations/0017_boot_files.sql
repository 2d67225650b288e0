ALTER TABLE `network_services` ADD `next_server_ipv4_address` integer;--> statement-breakpoint
ALTER TABLE `network_services` ADD `boot_files` text;