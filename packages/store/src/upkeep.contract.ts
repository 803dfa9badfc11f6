/** What runs beside the replies: the message log, the relay of the outbox, the care for the partitions. */
import { describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { batch, counting, events, station, T } from './harness.contract.js';
import { maintainPartitions } from './maintenance.js';
import { LogBatch, type LogRow, writeMessageLog } from './message-log.js';
import { type OutboxRow, relayOutbox } from './outbox.js';

const DAY = 86_400_000;
/** A day that no other part of the suite writes to. */
const NOW = Date.UTC(2031, 4, 10, 12);

const logRow = (stationId: number, more: Partial<LogRow> = {}): LogRow => ({
  stationId,
  at: T,
  direction: 'in',
  type: 'call',
  messageId: 'm',
  action: 'Heartbeat',
  payload: '{}',
  answer: null,
  ...more,
});

function insertMessageLog(db: Database, rows: readonly LogRow[]): Promise<void> {
  const log = new LogBatch();
  for (const row of rows) log.add(row);
  return writeMessageLog(db, log);
}

export function upkeepContract(database: () => Database): void {
  const log = (stationId: number) =>
    database().query<{ at: number; id: string; action: string; payload: string; part: string }>(
      `select (extract(epoch from at) * 1000)::float8 as at, message_id as id, action, payload,
         tableoid::regclass::text as part
       from message_exchange where station_id = $1::int8 order by at`,
      [stationId],
    );

  describe('the message log', () => {
    it('is empty again after it was written, and writes nothing where it is', async () => {
      const id = await station(database());
      const { db, statements } = counting(database());
      const rows = new LogBatch();
      rows.add(logRow(id));
      const full = rows.bytes;
      await writeMessageLog(db, rows);
      expect([rows.rows, rows.bytes]).toEqual([0, 0]);
      await writeMessageLog(db, rows);
      expect(statements()).toBe(1);
      rows.add(logRow(id, { at: T + 1 }));
      expect([rows.rows, rows.bytes]).toEqual([1, full]);
      await writeMessageLog(db, rows);
      expect((await log(id)).map((r) => r.at)).toEqual([T, T + 1]);
    });

    it('shows a message and its answer as two, those of one message together', async () => {
      const id = await station(database());
      const answer = { type: 'result', at: T + 5, payload: '{"a":1}' } as const;
      await insertMessageLog(database(), [
        logRow(id, { messageId: 'a', answer }),
        logRow(id, { messageId: 'b', at: T + 1, direction: 'out', type: 'call' }),
        logRow(id, { messageId: 'b', at: T + 6, direction: 'in', type: 'result' }),
      ]);
      const shown = await database().query(
        `select message_id as id, leg, direction, type, payload, (extract(epoch from at) * 1000)::float8 as at
         from message_log where station_id = $1::int8 order by at`,
        [id],
      );
      expect(shown).toEqual([
        { id: 'a', leg: 0, direction: 'in', type: 'call', payload: '{}', at: T },
        { id: 'b', leg: 0, direction: 'out', type: 'call', payload: '{}', at: T + 1 },
        { id: 'a', leg: 1, direction: 'out', type: 'result', payload: '{"a":1}', at: T + 5 },
        { id: 'b', leg: 0, direction: 'in', type: 'result', payload: '{}', at: T + 6 },
      ]);
    });

    it('is written whole or not at all, and the connection goes on', async () => {
      const id = await station(database());
      const rows = new LogBatch();
      rows.add(logRow(id));
      rows.add(logRow(id, { at: T + 1 }));
      const whole = rows.take();
      const columns = ['station_id', 'at', 'direction', 'type', 'message_id', 'action', 'payload'];
      // One column too few for what comes, and an end in the middle of a row.
      await expect(database().copy('message_exchange', columns, whole)).rejects.toMatchObject({ code: '22P04' });
      columns.push('answer_type', 'answered_at', 'answer');
      await expect(database().copy('message_exchange', columns, whole.slice(0, -12))).rejects.toMatchObject({
        code: '22P04',
      });
      expect(await log(id)).toEqual([]);
      await database().copy('message_exchange', columns, whole);
      expect((await log(id)).map((r) => r.at)).toEqual([T, T + 1]);
    });

    it('orders by time in microseconds', async () => {
      const id = await station(database());
      const rows = [
        logRow(id, { at: T + 0.002, messageId: 'c' }),
        logRow(id, { at: T, messageId: 'a' }),
        logRow(id, { at: T + 0.001, messageId: 'between' }),
      ];
      await insertMessageLog(database(), rows);
      expect((await log(id)).map((r) => r.id)).toEqual(['a', 'between', 'c']);
    });

    it('takes any text: U+0000, half a pair, what looks like SQL or an array', async () => {
      const id = await station(database());
      const payloads = ['a\0b\0', '\ud800', '{"x":"\\u0000"}', "'); drop table station; --", '{NULL,"a"}', '', '🚗\n'];
      await insertMessageLog(
        database(),
        payloads.map((payload, n) =>
          logRow(id, { at: T + n, payload, messageId: 'm\0', action: '\0', type: 'malformed' }),
        ),
      );
      const rows = await log(id);
      expect(rows.map((r) => r.payload)).toEqual(['a␀b␀', '\ufffd', ...payloads.slice(2)]);
      expect(rows.every((r) => r.id === 'm␀' && r.action === '␀')).toBe(true);
    });

    it('is written with one statement, however many rows', async () => {
      const { db, statements } = counting(database());
      const id = await station(database());
      await insertMessageLog(
        db,
        Array.from({ length: 500 }, (_, n) => logRow(id, { at: T + n })),
      );
      expect(statements()).toBe(1);
      expect(await log(id)).toHaveLength(500);
    });
  });

  describe('the relay of the outbox', () => {
    const fill = async (count: number) => {
      await events(database());
      const told = Array.from({ length: count }, (_, n) => ({ tenantId: 1, kind: 'n', payload: { n } }));
      await batch(database(), {}, () => ({ events: told }));
    };
    const numbers = (rows: readonly OutboxRow[]) => rows.map((row) => row.payload.n);
    const left = async () => (await database().query('select 1 from outbox')).length;

    it('hands rows over oldest first, as many as asked, and each once', async () => {
      await fill(5);
      const got: OutboxRow[] = [];
      const relay = async (rows: readonly OutboxRow[]) => {
        got.push(...rows);
      };
      expect(await relayOutbox(database(), 3, relay)).toBe(3);
      expect(numbers(got)).toEqual([0, 1, 2]);
      expect(await relayOutbox(database(), 3, relay)).toBe(2);
      expect(await relayOutbox(database(), 3, relay)).toBe(0);
      expect(numbers(got)).toEqual([0, 1, 2, 3, 4]);
      expect(got[0]).toMatchObject({ id: expect.any(Number), tenantId: 1, kind: 'n', createdAt: expect.any(Number) });
      expect(Number.isNaN(new Date(got[0]?.createdAt ?? Number.NaN).getTime())).toBe(false);
      expect(await left()).toBe(0);
    });

    it('keeps the rows where it fails, and tells why', async () => {
      await fill(4);
      const fails = relayOutbox(database(), 10, async () => {
        throw new Error('the stream is away');
      });
      await expect(fails).rejects.toThrow('the stream is away');
      expect(await left()).toBe(4);
      const got: unknown[] = [];
      await relayOutbox(database(), 10, async (rows) => void got.push(...numbers(rows)));
      expect(got).toEqual([0, 1, 2, 3]);
    });

    it('runs in one place at a time, and keeps the order', async () => {
      await fill(40);
      const got: unknown[] = [];
      let running = 0;
      let most = 0;
      const relay = async (rows: readonly OutboxRow[]) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        got.push(...numbers(rows));
        running -= 1;
      };
      while ((await left()) > 0) await Promise.all([1, 2, 3].map(() => relayOutbox(database(), 7, relay)));
      expect(most).toBe(1);
      expect(got).toEqual(Array.from({ length: 40 }, (_, n) => n));
    });
  });

  describe('partitions', () => {
    const keep = { messageLogDays: 30, meterSampleDays: 60 };
    const parts = async (parent: string) =>
      (
        await database().query<{ name: string }>(
          `select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::text::regclass order by 1`,
          [parent],
        )
      ).map((row) => row.name);
    const sampled = async (stationId: number, at: number) => {
      const unknown = { phase: undefined, context: undefined, location: undefined, unit: undefined, raw: undefined };
      const samples = [{ measurand: 'Voltage', value: 1, ...unknown }];
      const row = { transactionId: null, stationId, evseId: 1, connectorId: 1, sampledAt: at, receivedAt: at, samples };
      await batch(database(), {}, () => ({ meterValues: [row] }));
    };
    const samples = async (stationId: number) =>
      (
        await database().query<{ part: string }>(
          'select tableoid::regclass::text as part from meter_value where station_id = $1::int8 order by received_at',
          [stationId],
        )
      ).map((row) => row.part);

    it('are made from yesterday to a week ahead, also by several at once, and rows land in them', async () => {
      await Promise.all([1, 2, 3].map(() => maintainPartitions(database(), NOW, keep)));
      await maintainPartitions(database(), NOW + 60_000, keep);
      const days = ['09', '10', '11', '12', '13', '14', '15', '16', '17'];
      for (const parent of ['message_exchange', 'meter_value'])
        expect(await parts(parent)).toEqual([...days.map((d) => `${parent}_203105${d}`), `${parent}_default`]);
      const id = await station(database());
      const midnight = Date.UTC(2031, 4, 11);
      await insertMessageLog(
        database(),
        [NOW - 5 * DAY, midnight - 0.001, midnight, NOW + 7 * DAY, NOW + 8 * DAY].map((at) => logRow(id, { at })),
      );
      expect((await log(id)).map((r) => r.part.replace('message_exchange_', ''))).toEqual([
        'default',
        '20310510',
        '20310511',
        '20310517',
        'default',
      ]);
      await sampled(id, NOW);
      expect(await samples(id)).toEqual(['meter_value_20310510']);
    });

    it('are made also where rows of their day have come before them', async () => {
      const id = await station(database());
      const early = NOW + 20 * DAY;
      await insertMessageLog(database(), [logRow(id, { at: early }), logRow(id, { at: early + 40 * DAY })]);
      await sampled(id, early);
      expect(await samples(id)).toEqual(['meter_value_default']);
      await maintainPartitions(database(), NOW + 19 * DAY, keep);
      expect((await log(id)).map((r) => r.part)).toEqual(['message_exchange_20310530', 'message_exchange_default']);
      expect(await samples(id)).toEqual(['meter_value_20310530']);
    });

    it('past their retention are dropped, with the rows that lie outside of any', async () => {
      const id = await station(database());
      const now = NOW + 50 * DAY;
      await maintainPartitions(database(), now - 31 * DAY, keep);
      const times = [now - 200 * DAY, now - 31 * DAY, now - 30 * DAY, now];
      await insertMessageLog(
        database(),
        times.map((at) => logRow(id, { at })),
      );
      for (const at of times) await sampled(id, at);
      await maintainPartitions(database(), now, keep);
      expect((await log(id)).map((r) => r.at)).toEqual(times.slice(2));
      expect(await samples(id)).toHaveLength(3);
      const oldest = (await parts('message_exchange'))[0];
      expect(oldest).toBe(
        `message_exchange_${new Date(now - 30 * DAY).toISOString().slice(0, 10).replaceAll('-', '')}`,
      );
      await maintainPartitions(database(), now, { messageLogDays: 1, meterSampleDays: 1 });
      expect(await samples(id)).toHaveLength(1);
      expect(await parts('meter_value')).toHaveLength(10);
    });
  });
}
