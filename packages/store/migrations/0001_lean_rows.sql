-- Rows as they come: a message with its answer is one, what a meter told at one instant is one. The hot path writes half
-- the rows and half the index entries; the views show each message and each sample by itself, as people ask for them.
create table message_exchange (
  station_id bigint not null,
  at timestamptz not null,
  direction text not null,
  type text not null,
  message_id text not null,
  action text not null,
  payload text not null,
  -- null where nobody answered, or where the answer is a row of its own (commands: it comes later)
  answer_type text,
  answered_at timestamptz,
  answer text
) partition by range (at);
--> statement-breakpoint
create index message_exchange_station on message_exchange (station_id, at);
--> statement-breakpoint
create table message_exchange_default partition of message_exchange default;
--> statement-breakpoint
insert into message_exchange (station_id, at, direction, type, message_id, action, payload)
select station_id, at, direction, type, message_id, action, payload from message_log;
--> statement-breakpoint
drop table message_log;
--> statement-breakpoint
create view message_log as
select station_id, at, 0::smallint as leg, direction, type, message_id, action, payload from message_exchange
union all
select station_id, answered_at, 1::smallint, case direction when 'in' then 'out' else 'in' end, answer_type, message_id,
  action, answer
from message_exchange where answer_type is not null;
--> statement-breakpoint
create table meter_value (
  transaction_id bigint,
  station_id bigint not null,
  evse_id integer not null,
  connector_id integer not null,
  sampled_at timestamptz not null,
  received_at timestamptz not null,
  -- a list of { measurand, phase, context, location, unit, value, raw }; what is not known is left out. raw stands where
  -- the charger sent no number (signed meter data).
  samples json not null
) partition by range (received_at);
--> statement-breakpoint
create index meter_value_transaction on meter_value (transaction_id, sampled_at);
--> statement-breakpoint
create table meter_value_default partition of meter_value default;
--> statement-breakpoint
insert into meter_value (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)
select transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, json_agg(json_strip_nulls(
  json_build_object('measurand', measurand, 'phase', phase, 'context', context, 'location', location, 'unit', unit,
    'value', value, 'raw', raw)))
from meter_sample group by transaction_id, station_id, evse_id, connector_id, sampled_at, received_at;
--> statement-breakpoint
drop table meter_sample;
--> statement-breakpoint
create view meter_sample as
select v.transaction_id, v.station_id, v.evse_id, v.connector_id, v.sampled_at, v.received_at, s.measurand, s.phase,
  s.context, s.location, s.unit, s.value, s.raw
from meter_value v, json_to_recordset(v.samples) as s(measurand text, phase text, context text, location text, unit text,
  value double precision, raw text);
--> statement-breakpoint
-- Kept and handed back whole, never searched: as text it is written and read at a third of the cost.
alter table transaction alter column register type json using register::json, alter column tariff type json using tariff::json;
