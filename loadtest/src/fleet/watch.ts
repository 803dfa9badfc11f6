/** The room of what is looked at every second: each group's processor time and memory, and the machine's. */
import { readFileSync } from 'node:fs';
import { usageOf } from '../measure/processes.js';
import type { Stack } from '../stack/stack.js';
import { GROUPS } from '../stack/usage.js';
import type { Party, PartySeries } from './result.js';

export const PARTIES: readonly Party[] = [...GROUPS, 'client'];

export type PartyUsage = Record<Party, { cpuSeconds: number; rssBytes: number }>;

export class PartyWatch {
  readonly seconds: number[] = [];
  readonly series: readonly PartySeries[];
  #last: { at: number; usage: PartyUsage } | null = null;

  constructor(
    private readonly stack: Pick<Stack, 'usage'>,
    private readonly clients: () => readonly number[],
  ) {
    this.series = PARTIES.map((name) => {
      return { name, role: name === 'client' ? 'harness' : 'server', cpu: [], rssBytes: [] };
    });
  }

  usage(): PartyUsage {
    const client = { cpuSeconds: 0, rssBytes: 0 };
    for (const pid of new Set([process.pid, ...this.clients()])) {
      const one = usageOf(pid);
      client.cpuSeconds += one?.cpuSeconds ?? 0;
      client.rssBytes += one?.rssBytes ?? 0;
    }
    return { ...this.stack.usage(), client };
  }

  sample(second: number, now = performance.now()): void {
    const usage = this.usage();
    const last = this.#last;
    this.#last = { at: now, usage };
    this.seconds.push(second);
    for (const { name, cpu, rssBytes } of this.series) {
      const used = last === null ? null : usage[name].cpuSeconds - last.usage[name].cpuSeconds;
      cpu.push(used === null || last === null ? null : Math.max(0, (used * 1000) / Math.max(now - last.at, 1)));
      rssBytes.push(usage[name].rssBytes);
    }
  }
}

/** What the kernel says may still be taken; 0 where it says nothing. */
export function availableBytes(): number {
  try {
    const [, kilobytes] = /MemAvailable:\s+(\d+) kB/.exec(readFileSync('/proc/meminfo', 'latin1')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
