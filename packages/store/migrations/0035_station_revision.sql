-- How often operators changed a station. What the station says of itself does not count: whoever edits a form is not told
-- that somebody else was faster because the charger sent a heartbeat.
alter table station add column revision integer not null default 1;
