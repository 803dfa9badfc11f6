/** The room of what the product kept, read from its database. */
import { openPostgres } from '@sigec/store';
import type { Kept, KeptReading, KeptTransaction } from './ledger.js';

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

const TRANSACTIONS = `select t.id::float8, s.identity, t.ocpp_transaction_id as "ocppTransactionId",
  ${ms('t.started_at')} as "startedAtMs", ${ms('t.ended_at')} as "endedAtMs", t.meter_start_mwh::float8 as "startMWh",
  t.meter_stop_mwh::float8 as "stopMWh", t.energy_mwh::float8 as "energyMWh", t.cost_minor::float8 as "costMinor",
  (t.tariff->>'perKwhMinor')::float8 as "perKwhMinor", t.seen, array_to_string(t.flags, ',') as flags,
  t.id_token as "idToken" from transaction t join station s on s.id = t.station_id`;

const READINGS = `select m.transaction_id::float8 as "transactionId", s.identity, ${ms('m.sampled_at')} as "atMs",
  round(m.value::numeric * 1000)::float8 as "registerMWh" from meter_sample m join station s on s.id = m.station_id
  where m.measurand = 'Energy.Active.Import.Register'`;

/** The product's books, with connections of the harness's own. */
export class KeptReader {
  readonly #db;

  constructor(databaseUrl: string) {
    this.#db = openPostgres({ url: databaseUrl, connections: 1 });
  }

  async online(): Promise<Set<string>> {
    const rows = await this.#db.query<{ identity: string }>('select identity from station where online');
    return new Set(rows.map(({ identity }) => identity));
  }

  async unrelayed(): Promise<number> {
    const [row] = await this.#db.query<{ count: number }>('select count(*)::float8 as count from outbox');
    return row?.count ?? 0;
  }

  ping(): Promise<void> {
    return this.#db.ping();
  }

  async all(): Promise<Kept> {
    const rows = await this.#db.query<Omit<KeptTransaction, 'flags'> & { flags: string }>(TRANSACTIONS);
    const readings = await this.#db.query<KeptReading>(READINGS);
    return {
      transactions: rows.map((row) => ({ ...row, flags: row.flags.split(',').filter(Boolean) })),
      readings,
      online: await this.online(),
      unrelayed: await this.unrelayed(),
    };
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}
