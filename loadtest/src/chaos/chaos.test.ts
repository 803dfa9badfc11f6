/** Short chaos on real processes: nothing is lost; and where acks are not durable, the ledger says so. */
import { describeReal } from '@sigec/testkit';
import { expect, it } from 'vitest';
import { runChaos } from './chaos.js';
import type { ChaosOptions } from './options.js';

const SMALL: ChaosOptions = { stations: 40, commandRate: 2, everyMs: 2000 };

describeReal('chaos', ['nats', 'redis', 'postgres'], () => {
  it('loses nothing when a worker, an edge, NATS and PostgreSQL are killed', { timeout: 120_000 }, async () => {
    const faults = ['kill:worker', 'kill:edge', 'kill:nats', 'kill:postgres'];
    const result = await runChaos({ ...SMALL, seed: 4, durationMs: 14_000, faults });
    expect(result.violations).toEqual([]);
    expect(result.passed).toBe(true);
    const hit = new Set(result.faults.map(({ target }) => target.split(' ')[0]));
    expect([...hit].sort()).toEqual(['edge', 'nats', 'postgres', 'worker']);
    expect(result.ledger.acked).toBe(result.ledger.events);
    expect(result.ledger.sessions).toBeGreaterThan(40);
    expect(result.faults.every(({ recovery }) => recovery?.answeredMs !== null)).toBe(true);
  });

  it('is found out where commits are acked before they are durable', { timeout: 120_000 }, async () => {
    // What is committed stays in memory for seconds, and a power cut takes it.
    const postgres = { synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '1GB' };
    const result = await runChaos({
      ...SMALL,
      seed: 5,
      durationMs: 8000,
      edges: 1,
      workers: 1,
      faults: ['kill:postgres'],
      postgres,
    });
    expect(result.passed).toBe(false);
    expect(result.violationCounts.lost).toBeGreaterThan(0);
    expect(result.command).toContain('--seed 5');
  });
});
