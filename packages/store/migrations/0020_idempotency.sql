-- Requests that whoever sends them may send again: what was answered the first time, sealed, because an answer may hold a
-- password that is shown once.
create table idempotency_key (
  tenant_id integer not null references tenant (id),
  user_id uuid not null,
  key text not null,
  -- of method, path and body: the same key with another request is a mistake of the caller's
  fingerprint bytea not null,
  status smallint,
  answer bytea,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);
--> statement-breakpoint
create index idempotency_key_age on idempotency_key (created_at);
