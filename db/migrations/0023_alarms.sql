CREATE TABLE `alarms` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`raised_by` text NOT NULL,
	`node_id` text,
	`name` text NOT NULL,
	`message` text NOT NULL,
	`fields` text NOT NULL,
	`about` text NOT NULL,
	`raised_at` integer NOT NULL
);
