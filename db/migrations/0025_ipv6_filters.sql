ALTER TABLE `filter_statics` ADD `ipv6_src_address` text;--> statement-breakpoint
ALTER TABLE `filter_statics` ADD `ipv6_src_prefix` integer;--> statement-breakpoint
ALTER TABLE `filter_statics` ADD `ipv6_dst_address` text;--> statement-breakpoint
ALTER TABLE `filter_statics` ADD `ipv6_dst_prefix` integer;