import { describeReal, freePort, type RealPostgres, startPostgres } from '@sigec/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, isTransient } from './database.js';
import { openPostgres } from './postgres.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** An uncaught exception, which is what this is about, fails the run by itself. */
describeReal('a PostgreSQL that fails', ['postgres'], () => {
  let server: RealPostgres;
  let db: Database;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase('faults');
    db = openPostgres({ url, connections: 4 });
    await db.query('create table note (n integer primary key)');
  });
  afterAll(async () => {
    await db.close();
    await server.stop();
  });

  /** A transaction that loses its connection; `then` is what its work does after that. */
  const losing = (then: () => Promise<unknown>): Promise<void> =>
    db.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await db.query('select pg_terminate_backend($1::int4)', [row?.pid ?? 0]);
      await sleep(100);
      await then();
    });

  it('is told from an error that stays', async () => {
    const away = openPostgres({ url: `postgres://sigec@127.0.0.1:${await freePort()}/none`, connections: 1 });
    expect(isTransient(await rejection(away.ping()))).toBe(true);
    await away.close();
    const ended = db.transaction(async (tx) => {
      await tx.query('select pg_terminate_backend(pg_backend_pid())');
      await tx.query('select 1');
    });
    expect(isTransient(await rejection(ended))).toBe(true);
    const locked = db.transaction(async (tx) => {
      await tx.query('lock table note');
      await db.transaction(async (other) => {
        await other.query("set local lock_timeout = '20ms'");
        await other.query('lock table note');
      });
    });
    expect(isTransient(await rejection(locked))).toBe(true);
    expect(isTransient(await rejection(db.query('select 1 / 0')))).toBe(false);
    await expect(db.ping()).resolves.toBeUndefined();
  });

  describe('a transaction whose connection is lost', () => {
    const ends: [string, () => Promise<void>][] = [
      ['ends', async () => {}],
      [
        'fails',
        async () => {
          throw new Error('work failed');
        },
      ],
      ['never ends', () => new Promise(() => {})],
    ];
    it.each(ends)('rejects also where its work %s', async (_name, then) => {
      expect(isTransient(await rejection(losing(then)))).toBe(true);
      await expect(db.ping()).resolves.toBeUndefined();
    });

    it('sends nothing more, neither to nobody nor into the work of others', async () => {
      let late: unknown;
      let stop = false;
      const others = Array.from({ length: 6 }, async (_, n) => {
        for (let i = 0; !stop; i++)
          await db
            .transaction(async (tx) => {
              await tx
                .query('insert into note values ($1::int4)', [1_000_000 + n * 100_000 + i])
                .catch(() => undefined);
              await tx.query('select 1');
            })
            .catch(() => sleep(2));
      });
      const meddling = db.transaction(async (tx) => {
        const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        await db.query('select pg_terminate_backend($1::int4)', [row?.pid ?? 0]);
        // Long enough for the place in the pool to be another's.
        await sleep(300);
        late = await rejection(tx.query('insert into note values (-1)'));
        throw new Error('and then it fails');
      });
      expect(isTransient(await rejection(meddling))).toBe(true);
      await sleep(400);
      stop = true;
      await Promise.all(others);
      expect(isTransient(late)).toBe(true);
      expect(await db.query('select 1 from note where n = -1')).toEqual([]);
    });
  });

  it('comes back, killed or restarted under load: what was acknowledged is there, and nothing hangs (field.md 43, 44)', async () => {
    const acked: number[] = [];
    let next = 0;
    for (const end of ['kill', 'restart'] as const) {
      let stop = false;
      const once = async (kind: number) => {
        if (kind === 0) await db.query('select 1 as x');
        else if (kind === 1) {
          const n = next++;
          await db.transaction(async (tx) => {
            await Promise.all([tx.query('select 1 as a'), tx.query('select 2 as b')]);
            await new Promise((resolve) => setImmediate(resolve));
            await tx.query('insert into note values ($1::int4)', [n]);
          });
          acked.push(n);
        } else
          await new Promise((resolve, reject) =>
            setImmediate(() => db.query('select $1::int4 as y', [1]).then(resolve, reject)),
          );
      };
      const errors: unknown[] = [];
      const load = Array.from({ length: 12 }, async (_, n) => {
        while (!stop) {
          const error = await rejection(once(n % 3));
          if (error === undefined) continue;
          errors.push(error);
          await sleep(5);
        }
      });
      await sleep(200);
      if (end === 'kill') await server.kill();
      await server.restart();
      const before = acked.length;
      while (acked.length < before + 50) await sleep(5);
      stop = true;
      await Promise.all(load);
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.filter((error) => !isTransient(error))).toEqual([]);
      // Every place of the pool serves again.
      await Promise.all(Array.from({ length: 8 }, () => db.query('select pg_sleep(0.05)')));
    }
    const rows = await db.query<{ n: number }>('select n from note where n >= 0 and n < 1000000');
    const there = new Set(rows.map((row) => row.n));
    expect(acked.filter((n) => !there.has(n))).toEqual([]);
  });

  it('is left for good: what is asked after the end is refused, not begun anew', async () => {
    const other = openPostgres({ url, connections: 2, name: 'leaving' });
    await other.ping();
    await Promise.all([other.close(), other.close()]);
    expect(await rejection(other.ping())).toMatchObject({ code: 'CONNECTION_ENDED' });
    const rows = await db.query("select 1 from pg_stat_activity where application_name = 'leaving'");
    expect(rows).toEqual([]);
  });
});
