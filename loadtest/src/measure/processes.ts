/** The room of processor time and memory of processes, read from /proc. Where there is no /proc, nothing is told. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ of Linux, and its page, on every platform Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

export interface Usage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** Usage of a process so far, or null where it is not there. @param ended with its children that have ended */
export function usageOf(pid: number, ended = false): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name is in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    let ticks = Number(fields[11]) + Number(fields[12]);
    if (ended) ticks += Number(fields[13]) + Number(fields[14]);
    return { cpuSeconds: ticks / TICKS_PER_SECOND, rssBytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    return null;
  }
}

/** Processes that a process has started. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Resident pages, and those of them that are shared. */
function pagesOf(pid: number): [resident: number, shared: number] {
  try {
    const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ').map(Number);
    return [resident ?? 0, shared ?? 0];
  } catch {
    return [0, 0];
  }
}

/**
 * Usage of a process and its children, the time of those that have ended included. Memory that they share, as
 * PostgreSQL's backends do their buffers, counts once.
 */
export function usageOfTree(pid: number): Usage | null {
  const own = usageOf(pid, true);
  const children = childrenOf(pid);
  if (own === null || children.length === 0) return own;
  let { cpuSeconds } = own;
  let [unshared, shared] = [0, 0];
  for (const one of [pid, ...children]) {
    if (one !== pid) cpuSeconds += usageOf(one, true)?.cpuSeconds ?? 0;
    const [resident, common] = pagesOf(one);
    unshared += resident - common;
    shared = Math.max(shared, common);
  }
  return { cpuSeconds, rssBytes: (unshared + shared) * PAGE_BYTES };
}

/** Processes whose command line holds the text, this one and those named in `except` apart. */
export function findProcesses(text: string, except: ReadonlySet<number>): { name: string; pid: number }[] {
  let entries: string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return [];
  }
  const found: { name: string; pid: number }[] = [];
  for (const entry of entries) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || except.has(pid)) continue;
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // Whoever passes the text on, as a package manager does, is not meant.
      if (command.includes(text) && !command.includes('--watch-name')) found.push({ name: `${text} ${pid}`, pid });
    } catch {
      // Gone in between.
    }
  }
  return found;
}

/** One watched process; samples belong together by their order. */
export interface ProcessSeries {
  readonly name: string;
  readonly pid: number;
  /** `harness` for the swarm's own. */
  readonly role: 'server' | 'harness';
  /** With the processes it has started. */
  readonly tree?: boolean | undefined;
  /** Share of one core, 1 being all of it; null where it was not there. */
  readonly cpu: (number | null)[];
  readonly rssBytes: (number | null)[];
}

export interface ProcessFigures extends ProcessSeries {
  /** Processor time within the measured time. */
  readonly cpuSeconds: number | null;
  /** The same per good answer, in microseconds. */
  readonly cpuMicrosPerMessage: number | null;
  readonly rssFirst: number | null;
  readonly rssLast: number | null;
  readonly rssMax: number | null;
}

interface Watched extends ProcessSeries {
  last: { at: number; cpuSeconds: number } | null;
  from: number | null;
  to: number | null;
}

const look = ({ pid, tree }: ProcessSeries) => (tree === true ? usageOfTree(pid) : usageOf(pid));

export class ProcessWatch {
  readonly #watched: Watched[];
  readonly seconds: number[] = [];

  constructor(processes: readonly Pick<ProcessSeries, 'name' | 'pid' | 'role' | 'tree'>[]) {
    this.#watched = processes.map((one) => ({ ...one, cpu: [], rssBytes: [], last: null, from: null, to: null }));
  }

  /** Takes one sample. @param second since the run began */
  sample(second: number, now = performance.now()): void {
    this.seconds.push(second);
    for (const one of this.#watched) {
      const usage = look(one);
      const { last } = one;
      const since = last === null ? 0 : now - last.at;
      one.cpu.push(
        usage === null || last === null || since <= 0
          ? null
          : Math.max(0, ((usage.cpuSeconds - last.cpuSeconds) * 1000) / since),
      );
      one.rssBytes.push(usage?.rssBytes ?? null);
      one.last = usage === null ? null : { at: now, cpuSeconds: usage.cpuSeconds };
    }
  }

  /** Begins, or ends, the measured time. */
  mark(which: 'from' | 'to'): void {
    for (const one of this.#watched) one[which] = look(one)?.cpuSeconds ?? null;
  }

  figures(messages: number): ProcessFigures[] {
    return this.#watched.map(({ name, pid, role, cpu, rssBytes, from, to }) => {
      const cpuSeconds = from === null || to === null ? null : Math.round((to - from) * 100) / 100;
      const known = rssBytes.filter((bytes) => bytes !== null);
      return {
        name,
        pid,
        role,
        cpu,
        rssBytes,
        cpuSeconds,
        cpuMicrosPerMessage: cpuSeconds === null || messages === 0 ? null : (cpuSeconds * 1e6) / messages,
        rssFirst: known[0] ?? null,
        rssLast: known.at(-1) ?? null,
        rssMax: known.length === 0 ? null : Math.max(...known),
      };
    });
  }
}
