import { afterEach, describe, expect, it } from 'vitest';
import { backoff, sleep } from './backoff.js';
import { uuidv7 } from './ids.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics.js';
import { createShutdown, type Shutdown } from './shutdown.js';

const logger = createLogger({ role: 'test', level: 'silent' });
let shutdown: Shutdown | undefined;
afterEach(() => shutdown?.dispose());

describe('createShutdown', () => {
  it('runs steps in reverse, once, each bounded, and ends at a second signal', async () => {
    const ran: string[] = [];
    const exits: number[] = [];
    shutdown = createShutdown({ logger, timeoutMs: 20, exit: (code) => void exits.push(code) });
    shutdown.onShutdown('store', () => void ran.push('store'));
    shutdown.onShutdown('hangs', () => new Promise(() => {}));
    shutdown.onShutdown('fails', () => {
      throw new Error('no');
    });
    shutdown.onShutdown('server', async () => void ran.push('server'));
    expect(shutdown.stopping).toBe(false);
    process.emit('SIGTERM', 'SIGTERM');
    expect(shutdown.stopping).toBe(true);
    expect(exits).toEqual([]);
    process.emit('SIGINT', 'SIGINT');
    expect(exits).toEqual([1]);
    expect(await shutdown.done).toBe('SIGTERM');
    await shutdown.run('again');
    expect(ran).toEqual(['server', 'store']);
  });

  it('counts what nobody caught, and goes on', async () => {
    const metrics = createMetrics('test');
    const before = process.listeners('uncaughtException');
    shutdown = createShutdown({ logger, metrics });
    const added = process.listeners('uncaughtException').filter((listener) => !before.includes(listener));
    expect(added).toHaveLength(1);
    for (const listener of added) listener(new Error('one socket'), 'uncaughtException');
    expect(await metrics.render()).toContain('sigec_uncaught_errors_total{role="test"} 1');
    expect(shutdown.stopping).toBe(false);
    shutdown.dispose();
    expect(process.listeners('uncaughtException')).toEqual(before);
    metrics.close();
  });
});

describe('backoff', () => {
  it('doubles up to its bound, less a share of chance', () => {
    const take = (random: number) => {
      const delays = backoff({ baseMs: 100, maxMs: 350, jitter: 0.5, random: () => random });
      return Array.from({ length: 4 }, () => delays.next().value);
    };
    expect(take(0)).toEqual([100, 200, 350, 350]);
    expect(take(1)).toEqual([50, 100, 175, 175]);
  });

  it('wakes a sleeper', async () => {
    const abort = new AbortController();
    const slept = sleep(60_000, abort.signal);
    abort.abort();
    await slept;
    await sleep(60_000, abort.signal);
    await sleep(1);
  });
});

describe('uuidv7', () => {
  it('rises, also within a millisecond and when the clock goes back', () => {
    const start = Date.now() + 1000;
    const ids = Array.from({ length: 10_000 }, (_, i) => uuidv7(i < 5000 ? start : start - 60_000));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
