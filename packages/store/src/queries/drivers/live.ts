/** What a running session draws now, of its own samples. */
import type { Database } from '../../database.js';

export interface LivePower {
  readonly transactionId: number;
  /** W into the vehicle. */
  readonly powerW: number;
  /** ms since 1970. */
  readonly at: number;
}

/**
 * The newest power that the meter told, of transactions that were read for whoever asks. A three-phase meter may tell its
 * phases alone: then they are summed.
 * @param ids each costs one look into the index, whatever its history
 */
export async function livePower(db: Database, ids: readonly number[]): Promise<ReadonlyMap<number, LivePower>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<LivePower>(
    `select t.id as "transactionId", v.w as "powerW", (extract(epoch from v.sampled_at) * 1000)::float8 as at
     from json_array_elements_text($1::text::json) as k(id) cross join lateral (select k.id::int8 as id) t
     cross join lateral (
       select m.sampled_at, p.w from meter_value m cross join lateral (
         select coalesce(max(x.w) filter (where x.phase is null), sum(x.w)) as w from (
           select (s ->> 'value')::float8 * case s ->> 'unit' when 'kW' then 1000 else 1 end as w, s ->> 'phase' as phase
           from json_array_elements(m.samples) s
           where s ->> 'measurand' = 'Power.Active.Import' and s ->> 'value' is not null
         ) x
       ) p
       where m.transaction_id = t.id and p.w is not null order by m.sampled_at desc limit 1
     ) v`,
    [JSON.stringify(ids)],
  );
  return new Map(rows.map((row) => [row.transactionId, row]));
}
