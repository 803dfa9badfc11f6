import { describeReal, type RealPostgres, startPostgres } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBoots } from './batch/write.js';
import type { Database, Sql } from './database.js';
import { writeFacts } from './facts/index.js';
import { batch, begun, prepare, stations, T, unknown } from './harness.contract.js';
import { relayOutbox } from './outbox.js';
import { openPostgres } from './postgres.js';
import { storeContract } from './store.contract.js';

describeReal('store on PostgreSQL', ['postgres'], () => {
  let server: RealPostgres;
  let db: Database;
  const open: Database[] = [];
  let empties = 0;
  const connect = (url: string, connections: number) => {
    const made = openPostgres({ url, connections, name: 'store test' });
    open.push(made);
    return made;
  };
  beforeAll(async () => {
    // No autovacuum: what the planner believes is what the tests tell it.
    server = await startPostgres({ settings: { autovacuum: 'off', timezone: 'America/Sao_Paulo' } });
    db = connect(await server.createDatabase('contract'), 6);
    await prepare(db);
  });
  afterAll(async () => {
    await Promise.all(open.map((made) => made.close()));
    await server.stop();
  });

  storeContract(() => ({
    db,
    empty: async () => {
      empties += 1;
      const url = await server.createDatabase(`empty_${empties}`);
      return [connect(url, 2), connect(url, 2), connect(url, 2)];
    },
  }));

  it('says of rows that were sent whole when the connection is lost before the answer (field.md 43)', async () => {
    const url = await server.createDatabase('cut');
    const [one, other] = [connect(url, 2), connect(url, 1)];
    await one.query('create table slow (n int4)');
    await one.query(`create function wait() returns trigger as $$ begin perform pg_sleep(60); return null; end $$
      language plpgsql`);
    await one.query('create trigger slow after insert on slow execute function wait()');
    const rows = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x04\0\0\0\x07\xff\xff', 'latin1');
    const copied = one.copy('slow', ['n'], rows).catch((error: unknown) => error);
    const sleeping = "from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    while ((await other.query(`select 1 ${sleeping}`)).length === 0) await new Promise((r) => setTimeout(r, 10));
    await other.query(`select pg_terminate_backend(pid) ${sleeping}`);
    expect(await copied).toBeInstanceOf(Error);
    await one.query('drop trigger slow on slow');
    await one.copy('slow', ['n'], rows);
    expect(await one.query('select n from slow')).toEqual([{ n: 7 }]);
  });

  it('looks the stations of a batch up, in a fleet that would be quick to read whole', async () => {
    const url = await server.createDatabase('looked_up');
    await prepare(connect(url, 1));
    // A connection of after the migrations, as roles have them.
    const one = connect(url, 1);
    const ids = await stations(one, 6000);
    await one.query(`insert into station_boot (tenant_id, station_id, at, ocpp_version, vendor, model)
      select tenant_id, id, now(), 'ocpp1.6', '', '' from station`);
    await one.query('analyze');
    const plans: string[] = [];
    const explaining: Sql = {
      async query(text, params) {
        const rows = await one.query<{ 'QUERY PLAN': string }>(`explain ${text}`, params);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return [];
      },
      rows: async () => [],
    };
    const at = T;
    const version = 'ocpp1.6';
    const told = { vendor: 'V', model: 'M', serialNumber: null, firmwareVersion: null, version, at };
    const more = {
      reason: null,
      boxSerialNumber: null,
      iccid: null,
      imsi: null,
      meterType: null,
      meterSerialNumber: null,
    };
    const some = ids.slice(0, 50).map((stationId) => ({ ...told, ...more, stationId }));
    await writeBoots(
      explaining,
      some.map((boot) => ({ ...boot, registration: 'accepted' })),
    );
    await writeFacts(explaining, { bootWord: some });
    expect(plans).toHaveLength(2);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on station/);
  });

  it('takes what is oldest from an outbox that a storm has filled, and reads no more of it', async () => {
    const one = connect(await server.createDatabase('stormed'), 1);
    await prepare(one);
    const fill = (n: number) =>
      one.query(
        `insert into outbox (tenant_id, kind, payload) select 1, 'x', json_build_object('n', n) from generate_series(1, $1::int4) n`,
        [n],
      );
    await one.query('vacuum analyze outbox');
    // Quiet times, in which the plans are made that are kept.
    for (let turn = 0; turn < 10; turn++) {
      await fill(1);
      await relayOutbox(one, 100, async () => undefined);
    }
    await fill(20_000);
    const scans = async () => {
      await one.query('select pg_stat_force_next_flush()');
      return one.query("select seq_scan::int4 as n from pg_stat_user_tables where relname = 'outbox'");
    };
    const before = await scans();
    for (let turn = 0; turn < 8; turn++) expect(await relayOutbox(one, 100, async () => undefined)).toBe(100);
    expect(await scans()).toEqual(before);
    expect(await one.query("select payload->>'n' as n from outbox order by id limit 1")).toEqual([{ n: '801' }]);
  });

  it('pays as much for an event after 300,000 samples and 50,000 transactions as before (field.md 36)', async () => {
    // One connection, so that its counters are all, and its prepared plans are those made while the tables were empty.
    const one = connect(await server.createDatabase('history'), 1);
    await prepare(one);
    const ids = await stations(one, 500);
    const some = ids.filter((_, n) => n % 25 === 0);
    const run = async () => {
      await batch(
        one,
        {
          stationIds: some,
          transactions: some.map((stationId) => ({ stationId, ocppTransactionId: `old-${stationId}-3` })),
          startKeys: some.map((stationId) => ({ stationId, key: `key-${stationId}-5` })),
          activeOf: some,
          idTokens: some.map((stationId) => ({ stationId, key: 'tag' })),
          newTransactions: some.flatMap((id) => unknown(id, 1)),
        },
        (seen) => ({
          transactions: [
            ...seen.transactions,
            ...some.map((id, n) => begun(seen.newTransactionIds[n] as number, id, { endedAt: T, status: 'completed' })),
          ],
          meterValues: some.map((stationId) => ({
            transactionId: 1,
            stationId,
            evseId: 1,
            connectorId: 1,
            sampledAt: T,
            receivedAt: T,
            samples: [],
          })),
        }),
      );
    };
    const counters = async () => {
      await one.query('select pg_stat_force_next_flush()');
      await one.query('select pg_stat_clear_snapshot()');
      const rows = await one.query<{ scans: number; fetched: number }>(
        `select sum(seq_scan)::int8 as scans, sum(coalesce(idx_tup_fetch, 0))::int8 as fetched
         from pg_stat_user_tables where relname ~ '^(transaction|meter_value)'`,
      );
      return rows[0] as { scans: number; fetched: number };
    };
    const cost = async () => {
      const before = await counters();
      for (let n = 0; n < 20; n++) await run();
      const after = await counters();
      return { scans: after.scans - before.scans, fetched: after.fetched - before.fetched };
    };

    const early = await cost();
    await one.query(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, start_key,
         status, started_at, ended_at, currency, register, tariff)
       select 1, s.id, 1, 1, 'ocpp1.6', 'old-' || s.id || '-' || n, 'key-' || s.id || '-' || n, 'completed', now(),
         case when n > 2 then now() end, 'BRL',
         '{"first":null,"second":null,"last":null,"highest":null}', '{"currency":"BRL","perKwhMinor":75}'
       from station s, generate_series(1, 100) as n`,
    );
    await one.query(
      `insert into meter_value (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)
       select n % 50000, n % 500, 1, 1, now(), now(), '[]' from generate_series(1, 300000) as n`,
    );
    // With the plans of before, with what the planner knows since, and with plans that are new.
    const old = await cost();
    await one.query('analyze');
    const known = await cost();
    await one.query('discard plans');
    const fresh = await cost();
    const found = await one.query<{ n: number }>('select count(*)::int4 as n from transaction where ended_at is null');
    expect(found[0]?.n).toBe(1000);
    expect([early.scans, old.scans, known.scans, fresh.scans]).toEqual([0, 0, 0, 0]);
    // 20 batches of 20 stations with 4 rows each, read by their keys and written by them. (Until the planner first looks
    // at a table it may go through all that one station has, which is not much by then.)
    for (const { fetched } of [known, fresh]) expect(fetched).toBeLessThan(20 * 20 * 20);
  });
});
