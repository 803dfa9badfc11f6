/** Short chaos on real processes: nothing is lost; and where acks are not durable, the ledger says so. */
import { describeReal } from '@sigec/testkit';
import { expect, it } from 'vitest';
import { runChaos } from './chaos.js';
import type { ChaosOptions } from './options.js';

const SMALL: ChaosOptions = { stations: 40, commandRate: 2, everyMs: 2000 };

describeReal('chaos', ['nats', 'redis', 'postgres'], () => {
  it('loses nothing when a worker, an edge, NATS and PostgreSQL are killed', { timeout: 240_000 }, async () => {
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

  it('is found out where commits are acked before they are durable', { timeout: 240_000 }, async () => {
    // What is committed stays in memory, and a kill takes it. Nobody but the log's own writer writes it earlier.
    const unhurried = { wal_writer_delay: '10s', wal_writer_flush_after: '1GB', wal_buffers: '64MB' };
    const postgres = { synchronous_commit: 'off', ...unhurried, bgwriter_lru_maxpages: '0' };
    const lying = { ...SMALL, durationMs: 12_000, edges: 1, workers: 1, faults: ['kill:postgres'], postgres };
    // The writer may have been there a moment before each kill: then nothing was lost, and the ledger is right to say so.
    for (const seed of [5, 6, 7]) {
      const result = await runChaos({ ...lying, seed });
      if (result.passed) continue;
      expect(result.violationCounts.lost).toBeGreaterThan(0);
      expect(result.command).toContain(`--seed ${seed}`);
      return;
    }
    expect.unreachable('three runs with acks before they were durable, and nothing was found');
  });
});
