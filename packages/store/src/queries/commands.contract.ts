/** The queue of commands: what the dispatcher does costs by what is due, not by what waits, and nothing is woken in vain. */
import { describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { wakeLanes } from '../facts/commands.js';
import { station, stations } from '../harness.contract.js';
import { createBatch } from './command-batches.js';
import { beginSending, claimLanes, endAttempt, readHeads, settleLanes } from './command-dispatch.js';
import { countBatches, expireCommands } from './command-upkeep.js';
import { enqueueCommand, getCommand } from './commands.js';
import type { Actor } from './scope.js';

const OPERATOR: Actor = { userId: '0193f000-0000-7000-8000-0000000000bb', tenantId: 1, role: 'operator' };
const CLEAR = { action: 'ClearCache', verb: null, payload: {}, timeoutMs: 1000, expiresInS: 3600 };
const BATCH = {
  ...{ action: 'ClearCache', verb: null, payload: {}, shown: {}, intervalMs: 0, expiresInS: 3600, timeoutMs: 1000 },
  ...{ maxAttempts: 1, retryDelayS: 0, retryUnknown: false, stopAfterFailures: null },
};

export function commandsContract(get: () => Database): void {
  describe('the queue of commands', () => {
    const online = (ids: readonly number[]) =>
      get().query(`update station set online = true, registration = 'accepted' where id = any($1::text::int8[])`, [
        `{${ids.join(',')}}`,
      ]);
    /** What is due and where, taken and put to rest as the dispatcher does. */
    async function look(): Promise<number[]> {
      const db = get();
      const lanes = await claimLanes(db, 100, 60_000);
      const heads = await readHeads(db, lanes);
      await settleLanes(
        db,
        lanes.map((lane) => {
          const head = heads.find(({ stationId }) => stationId === lane.stationId);
          return { ...lane, until: head?.reachable ? Date.now() + 3_600_000 : null };
        }),
      );
      return heads.flatMap(({ reachable, command }) => (reachable && command !== null ? [command.id] : []));
    }

    it('shows a station that is away once, and again when it is back', async () => {
      const db = get();
      const id = await station(db);
      const command = await enqueueCommand(db, OPERATOR, { ...CLEAR, stationId: id });
      expect(await look()).toEqual([]);
      expect(await claimLanes(db, 100, 60_000)).toEqual([]);
      await online([id]);
      await db.transaction((tx) => wakeLanes(tx, [id]));
      expect(await look()).toEqual([command]);
    });

    it('misses no station that comes back while it is looked at', async () => {
      const db = get();
      const id = await station(db);
      const command = await enqueueCommand(db, OPERATOR, { ...CLEAR, stationId: id });
      const lanes = await claimLanes(db, 100, 60_000);
      expect(await readHeads(db, lanes)).toMatchObject([{ reachable: false }]);
      await online([id]);
      await db.transaction((tx) => wakeLanes(tx, [id]));
      // Whoever looks does not know yet, and would let it rest.
      await settleLanes(
        db,
        lanes.map((lane) => ({ ...lane, until: null })),
      );
      expect(await look()).toEqual([command]);
    });

    it('gives a station to one at a time, and takes the end of an attempt once', async () => {
      const db = get();
      const id = await station(db);
      await online([id]);
      const command = (await enqueueCommand(db, OPERATOR, { ...CLEAR, stationId: id })) ?? 0;
      const [lane] = await claimLanes(db, 100, 60_000);
      expect(lane?.stationId).toBe(id);
      expect(await claimLanes(db, 100, 60_000)).toEqual([]);
      const [begun] = await beginSending(db, [command], 1000);
      expect(begun).toEqual({ id: command, attempts: 1 });
      expect(await beginSending(db, [command], 1000)).toEqual([]);
      const done = {
        ...{ id: command, attempt: 1, state: 'succeeded' as const, otherwise: 'succeeded' as const, reason: null },
        ...{ action: 'ClearCache', messageId: 'm', response: {}, unsent: false, delayMs: 0, wakes: lane?.wakes ?? 0 },
      };
      expect(await endAttempt(db, { ...done, attempt: 2 })).toBeUndefined();
      expect(await endAttempt(db, done)).toMatchObject({ state: 'succeeded' });
      expect(await endAttempt(db, done)).toBeUndefined();
      expect(await getCommand(db, OPERATOR, command)).toMatchObject({ state: 'succeeded', attempts: 1 });
    });

    it('reads no more for a hundred thousand commands that wait for stations that are away', {
      timeout: 240_000,
    }, async () => {
      const db = get();
      const many = await stations(db, 20_000);
      const first = many[0] ?? 0;
      await db.query(
        `insert into command (tenant_id, station_id, action, payload, state, timeout_ms, due_at, expires_at)
         select 1, $1::int8 + n % 20000, 'ClearCache', '{}', 'queued', 1000, now(), now() + interval '1 h'
         from generate_series(0, 99999) as n`,
        [first],
      );
      await db.query(`insert into command_lane (station_id) select $1::int8 + n from generate_series(0, 19999) as n`, [
        first,
      ]);
      await db.query('analyze command');
      await db.query('analyze command_lane');
      const [near] = await stations(db, 1);
      await online([near ?? 0]);
      const command = await enqueueCommand(db, OPERATOR, { ...CLEAR, stationId: near ?? 0 });
      const explain = async (text: string) =>
        (await db.query<{ 'QUERY PLAN': string }>(`explain ${text}`)).map((row) => row['QUERY PLAN']).join('\n');
      const due = await explain(
        'select station_id from command_lane where due_at <= now() order by due_at limit 100 for update skip locked',
      );
      expect(due).toContain('command_lane_due');
      const head = await explain(
        `select id from command c where c.station_id = ${first} and c.state = 'queued' and c.expires_at > now()
         order by c.due_at, c.id limit 1`,
      );
      expect(head).toContain('command_queued');
      const expiry = await explain(
        `select id from command where state = 'queued' and expires_at <= now() order by expires_at limit 500`,
      );
      expect(expiry).toMatch(/command_expiry/);
      for (const plan of [due, head, expiry]) expect(plan).not.toContain('Seq Scan');
      expect(await look()).toEqual([command]);
      expect(await expireCommands(db, 500)).toEqual([]);
      await db.query('delete from command where station_id >= $1::int8', [first]);
      await db.query('delete from command_lane where station_id >= $1::int8', [first]);
    });

    it('makes a batch of any size in one statement, and counts it in one', async () => {
      const db = get();
      const ids = await stations(db, 300);
      await db.query("insert into site (tenant_id, name) values (1, 'FLEET')");
      await db.query(
        `update station set site_id = (select id from site where name = 'FLEET') where id = any($1::text::int8[])`,
        [`{${ids.join(',')}}`],
      );
      const made = await createBatch(db, OPERATOR, { ...BATCH, filter: { site: 'FLEET' } });
      expect(made).toEqual({ id: expect.any(Number) });
      expect(await createBatch(db, OPERATOR, { ...BATCH, filter: { site: 'NOWHERE' } })).toEqual({ found: 0 });
      const stranger = { ...OPERATOR, tenantId: 2 };
      expect(await createBatch(db, stranger, { ...BATCH, filter: { site: 'FLEET' } })).toEqual({ found: 0 });
      await db.query("update command set state = 'succeeded', ended_at = now() where batch_id is not null");
      expect(await countBatches(db, -1000)).toBe(1);
      expect(await countBatches(db, -1000)).toBe(0);
    });
  });
}
