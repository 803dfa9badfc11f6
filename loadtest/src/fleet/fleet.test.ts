/** A small fleet through every phase on real servers: an edge dies, all come back, and the books are right. No times. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeReal } from '@sigec/testkit';
import { expect, it } from 'vitest';
import { writeAgain, writeFleetFiles } from '../report/files.js';
import { fleetText, phaseText } from '../report/fleet-terminal.js';
import { runFleet } from './fleet.js';
import { runGrowth } from './growth.js';
import { CHECKS, type PhaseFigures } from './result.js';

const SHORT = { settleMs: 500, idleMs: 500, commandsMs: 1500, commandRate: 20, holdMs: 3000, afterKillMs: 1000 };

/** No time is asserted: a busy machine only takes longer. */
const SLOW_MS = 240_000;

describeReal('a fleet', ['nats', 'redis', 'postgres'], () => {
  it('of 300 stations stands every phase, and loses nobody with an edge', { timeout: SLOW_MS }, async () => {
    const told: PhaseFigures[] = [];
    const result = await runFleet({
      stations: 300,
      processes: 1,
      ...SHORT,
      heartbeatMs: 1500,
      meterMs: 500,
      charging: 0.3,
      onPhase: (phase) => told.push(phase),
    });
    expect(result.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(result.checks.map(({ check }) => check).sort()).toEqual([...CHECKS].sort());
    expect(result.faults.examples).toEqual([]);
    expect(result.passed).toBe(true);
    expect(result.edges).toBe(2);
    const names = ['servers', 'connect', 'idle', 'commands', 'hold', 'cut', 'kill', 'checks'];
    expect(result.phases.map(({ name }) => name)).toEqual(names);
    expect(told).toEqual(result.phases);
    const phase = (name: string) => result.phases.find((one) => one.name === name)!;
    expect(phase('connect').messages).toBe(300);
    expect(phase('cut').messages).toBe(300);
    expect(phase('commands').messages).toBeGreaterThan(20);
    // Every station has sent at least one heartbeat.
    expect(phase('hold').actions.Heartbeat?.count).toBeGreaterThanOrEqual(300);
    const { sessions, lost } = phase('kill').facts;
    expect(sessions).toBeGreaterThan(50);
    expect(lost).toBe(sessions);
    for (const party of ['edge', 'worker', 'nats', 'postgres', 'client'] as const)
      expect(phase('hold').cpu[party]).toBeGreaterThan(0);
    expect(result.ledger.transactions).toBeGreaterThan(60);
    expect(result.ledger.stopped).toBe(result.ledger.transactions);

    const folder = mkdtempSync(join(tmpdir(), 'loadtest-fleet-'));
    try {
      const [json = '', html = ''] = writeFleetFiles(folder, result, 'en');
      const page = readFileSync(html, 'utf8');
      expect(page).not.toMatch(/https?:\/\/|src=/);
      expect(page.match(/class="k"/g)?.length).toBeGreaterThanOrEqual(names.length);
      writeAgain(folder, json, 'pt');
      expect(readFileSync(html, 'utf8')).toContain('morte de um edge');
      expect(fleetText(result, 'en', false)).toMatch(/^PASSED {2}300 stations/);
      expect(phaseText(phase('kill'), 'pt', false)).toContain(`sessões do edge morto ${sessions}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused where the edges could not hold it without one of them', async () => {
    await expect(runFleet({ stations: 20_000, edges: 2 })).rejects.toThrow('edges: 20000 stations need 3');
    await expect(runFleet({ stations: 1 })).rejects.toThrow('stations:');
    await expect(runGrowth({ sizes: [] })).rejects.toThrow('stations:');
  });

  it('grows, at the same rate of messages', { timeout: SLOW_MS }, async () => {
    const result = await runGrowth({ sizes: [20, 60], rate: 60, holdMs: 1500, idleMs: 300, edges: 1 });
    expect(result.passed).toBe(true);
    expect(result.sizes.map(({ stations, faults }) => [stations, faults])).toEqual([
      [20, 0],
      [60, 0],
    ]);
    const [first, second] = result.sizes;
    expect(first?.ratio).toBe(1);
    expect(second?.cpuMicros.worker).toBeGreaterThan(0);
    // 60 a second for 1.5 s; stations begin at random within an interval.
    for (const { messages } of result.sizes) {
      expect(messages).toBeGreaterThan(55);
      expect(messages).toBeLessThan(125);
    }
  });
});
