CREATE INDEX `networks_tunnel_key` ON `networks` (`tunnel_key_id`);--> statement-breakpoint
CREATE INDEX `segments_tunnel_key` ON `segments` (`tunnel_key_id`);