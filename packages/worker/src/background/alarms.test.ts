/** The looks for alarms as a worker runs them: beside others, over a database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addStations, countOf, databaseError, openWatched, type Watched } from '../testing/database.js';
import { memoryLogger, until } from '../testing/fixtures.js';
import { startAlarms } from './alarms.js';

/** Pauses a hundredth as long. */
const QUICK = 0.01;

describe('alarms', () => {
  const { logger } = memoryLogger();
  let db: Watched;
  beforeAll(async () => {
    db = await openWatched();
  });
  afterAll(() => db.close());

  it('are raised by one of several workers, whatever fails now and then, and end by themselves', async () => {
    const [id] = await addStations(db, 'A', 1);
    await db.query(
      `update station set connected_at = now() - interval '1 hour', disconnected_at = now() - interval '20 minutes'
       where id = ${id}`,
    );
    let failures = 0;
    db.onQuery = (text) => {
      if (text.includes('station_certificate') && failures++ < 2) throw databaseError('57P01');
    };
    const workers = [startAlarms(db, logger, QUICK), startAlarms(db, logger, QUICK)];
    const alarms = (where: string) => countOf(db, 'alarm', `station_id = ${id} and ${where}`);
    try {
      await until(async () => (await alarms("state = 'open'")) === 1, 'raised');
      await db.query(`update station set online = true where id = ${id}`);
      await until(async () => (await alarms('cause_gone_at is not null')) === 1, 'its cause is gone');
      await db.query(`update alarm set cause_gone_at = now() - interval '1 hour' where station_id = ${id}`);
      await until(async () => (await alarms("state = 'resolved' and ended_at is not null")) === 1, 'over');
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
    }
    expect(await alarms('true')).toBe(1);
    const told = await db.query<{ kind: string }>(`select kind from outbox where kind like 'alarm.%' order by id`);
    expect(told.map(({ kind }) => kind)).toEqual(['alarm.raised', 'alarm.resolved']);
  });

  it('ask in one statement, and look at nothing before their turn', async () => {
    const texts: string[] = [];
    db.onQuery = (text) => void texts.push(text);
    // The first takes every turn, for longer than this test.
    const first = startAlarms(db, logger);
    await until(() => texts.length >= 1, 'the first asks');
    await db.query(`update alarm_turn set next_at = now() + interval '1 hour'`);
    await first.close();
    texts.length = 0;
    const second = startAlarms(db, logger, QUICK);
    await until(() => texts.length >= 3, 'the second asks');
    await second.close();
    expect(texts.every((text) => text.includes('alarm_turn'))).toBe(true);
  });
});
