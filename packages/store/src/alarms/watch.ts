/**
 * What transactions that draw energy have done since the last look: whether their energy rose, and whether their meter spoke. Their
 * own rows do not say since when they stand still, and shall not: that would be a write of every message.
 */
import { keyOf16, pathOf } from '../facts/variable-name.js';

/** Whether energy should flow: 2.x tells it of the transaction, 1.6 of the connector. */
const DRAWING = `
  select t.id, t.tenant_id, t.station_id, t.evse_id, t.connector_id, t.energy_mwh, hashtext(t.register::text) as register_hash
  from transaction t
    left join connector c on c.station_id = t.station_id and c.evse_id = t.evse_id and c.connector_id = t.connector_id
  where t.ended_at is null
    and case when t.version = 'ocpp1.6' then c.ocpp_status = 'Charging' else t.status = 'charging' end`;

// Running transactions are an index of their own, so history costs nothing; a row is written where its transaction moved.
export const WATCH = `
  with drawing as materialized (${DRAWING}),
  gone as (
    delete from charging_watch w where not exists (select 1 from drawing d where d.id = w.transaction_id)
    returning w.transaction_id)
  insert into charging_watch as w (transaction_id, tenant_id, station_id, evse_id, connector_id, energy_mwh, register_hash)
  select id, tenant_id, station_id, evse_id, connector_id, energy_mwh, register_hash from drawing order by id
  on conflict (transaction_id) do update set energy_mwh = excluded.energy_mwh, register_hash = excluded.register_hash,
    risen_at = case when w.energy_mwh <> excluded.energy_mwh then now() else w.risen_at end, read_at = now(),
    evse_id = excluded.evse_id, connector_id = excluded.connector_id
  where w.register_hash <> excluded.register_hash or w.energy_mwh <> excluded.energy_mwh`;

const TX_UPDATED = { ...keyOf16('TxUpdatedInterval'), component: 'SampledDataCtrlr' };
/** The interval at which a station promised to sample, s: of 1.6, and of 2.x. */
const INTERVAL_PATHS = [keyOf16('MeterValueSampleInterval'), TX_UPDATED].map((name) => `'${pathOf(name)}'`).join(', ');

/** The part of a subject's row that both kinds have. */
const PLACE = `
  s.tenant_id, w.station_id, w.transaction_id::text as subject, '' as cause, w.evse_id, w.connector_id, w.transaction_id,
  r.severity`;

/** The meter speaks, and says the same: nothing flows. A station that has only just come back has much to tell first. */
export const NO_PROGRESS = (parameter: (name: string) => string): string => `
  select ${PLACE}, jsonb_build_object('energy_wh', w.energy_mwh / 1000, 'since', w.risen_at) as detail, w.risen_at as seen_at
  from charging_watch w join station s on s.id = w.station_id and s.online
    join rule r on r.tenant_id = s.tenant_id and r.kind = 'no_progress' and r.enabled
  where w.risen_at < now() - ${parameter('minutes')} * interval '1 minute' and w.read_at > w.risen_at
    and s.connected_at < now() - ${parameter('minutes')} * interval '1 minute'`;

/**
 * Nothing was measured for as many intervals as the rule says, by the interval that the station promised. The register is looked
 * at first; only where it is silent is the table of samples asked, for the newest days.
 */
export const METER_GAP = (parameter: (name: string) => string): string => `
  select ${PLACE}, jsonb_build_object('interval_s', g.interval_s, 'since', w.read_at) as detail, w.read_at as seen_at
  from charging_watch w join station s on s.id = w.station_id and s.online
    join rule r on r.tenant_id = s.tenant_id and r.kind = 'meter_gap' and r.enabled
    cross join lateral (
      select coalesce((
        select v.value::float8 from device_variable v
        where v.station_id = w.station_id and v.path in (${INTERVAL_PATHS}) and v.attribute = 'Actual'
          and v.value ~ '^[0-9]{1,6}$' order by v.learnt_at desc limit 1), ${parameter('default_interval_s')}) as interval_s) g
    cross join lateral (
      select now() - greatest(60, g.interval_s * ${parameter('intervals')}) * interval '1 second' as cutoff) k
    left join lateral (
      select true as heard from meter_value m where m.transaction_id = w.transaction_id and m.received_at >= k.cutoff
      limit 1) h on w.read_at < k.cutoff
  where w.read_at < k.cutoff and s.connected_at < k.cutoff and g.interval_s > 0 and h.heard is null`;
