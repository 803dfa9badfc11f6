-- How a station may come in: the least profile that it is taken by, the one that it was told to go to, the password that
-- it was told and has not used, and how often it came. `security_profile` is what it last came by.
alter table station
  add column min_security_profile smallint not null default 0 check (min_security_profile between 0 and 3),
  add column desired_security_profile smallint check (desired_security_profile between 1 and 3),
  add column pending_secret_salt bytea,
  add column pending_secret_verifier bytea,
  add column pending_secret_at timestamptz,
  -- connections since then, an hour at most
  add column connects_since timestamptz,
  add column connects integer not null default 0,
  -- it came too often: not taken before
  add column flap_until timestamptz;
