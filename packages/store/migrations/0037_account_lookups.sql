-- What was done to one person, in the trail of a tenant that is long.
create index audit_entry_of_user on audit_entry (user_id, id) where user_id is not null;
--> statement-breakpoint
-- An account that gives way to the next registration takes these with it.
create index notification_of_user on notification (user_id) where user_id is not null;
--> statement-breakpoint
create index api_key_of_user on api_key (user_id, id);
