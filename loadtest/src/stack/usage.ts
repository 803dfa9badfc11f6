/** The room of processor time and memory by group: a role, or a server, with all its processes. */
import { type Usage, usageOfTree } from '../measure/processes.js';

export const GROUPS = ['edge', 'worker', 'control', 'nats', 'redis', 'postgres'] as const;
export type Group = (typeof GROUPS)[number];
export type GroupUsage = Record<Group, Usage>;

/** Sums up by group; what a dead process had used until it was last looked at stays in its group's time. */
export class UsageBook {
  readonly #dead = new Map<Group, number>();
  readonly #seen = new Map<number, { group: Group; cpuSeconds: number }>();

  constructor(private readonly members: () => readonly { readonly group: Group; readonly pid: number }[]) {}

  read(): GroupUsage {
    const sums = GROUPS.map((group) => [group, { cpuSeconds: this.#dead.get(group) ?? 0, rssBytes: 0 }] as const);
    const usage = Object.fromEntries(sums) as Record<Group, { cpuSeconds: number; rssBytes: number }>;
    const before = new Map(this.#seen);
    for (const { group, pid } of this.members()) {
      const one = usageOfTree(pid);
      if (one === null) continue;
      before.delete(pid);
      this.#seen.set(pid, { group, cpuSeconds: one.cpuSeconds });
      usage[group].cpuSeconds += one.cpuSeconds;
      usage[group].rssBytes += one.rssBytes;
    }
    for (const [pid, { group, cpuSeconds }] of before) {
      this.#seen.delete(pid);
      this.#dead.set(group, (this.#dead.get(group) ?? 0) + cpuSeconds);
      usage[group].cpuSeconds += cpuSeconds;
    }
    return usage;
  }
}
