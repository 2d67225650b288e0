CREATE TABLE `hosts` (
	`id` text PRIMARY KEY NOT NULL,
	`node_id` text,
	`seen_at` integer NOT NULL,
	`awaits_until` integer DEFAULT 0 NOT NULL,
	`flows_version` integer NOT NULL,
	`applied` text NOT NULL
);
