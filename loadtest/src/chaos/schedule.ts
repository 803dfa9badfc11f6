/**
 * The room of the schedule: which fault hits whom, when and for how long. Pure: the same seed and world give the same
 * schedule, so a run that failed can be made again.
 */
import { seeded } from '../swarm/random.js';
import { busyUntil, FAULT_KINDS, type Fault, type FaultKind } from './faults.js';
import { longestHopeless } from './hope.js';
import { targetsOf, type World } from './targets.js';

export interface ScheduleOptions {
  readonly seed: number;
  readonly world: World;
  readonly durationMs: number;
  /** From fault to fault, on average. */
  readonly everyMs: number;
  /** Kinds, or `kind:target` with the beginning of a target's name; all where absent. */
  readonly faults?: readonly string[] | undefined;
  /** No combination of faults leaves every charger without an answer for longer. */
  readonly maxHopelessMs: number;
}

/** Before the first fault, and from the end of the last fault to the end of the schedule. */
const CALM_MS = 3000;
const TRIES = 40;
/** Least and most of how long each lasts, ms. */
const LASTS: Readonly<Record<FaultKind, readonly [number, number]>> = {
  kill: [0, 4000],
  freeze: [2000, 8000],
  restart: [0, 0],
  cut: [1000, 8000],
  slow: [3000, 10_000],
  'half-open': [2000, 10_000],
  'disk-full': [3000, 6000],
  clock: [0, 0],
};

/** Draws the faults of a run, in the order of their beginning. */
export function schedule(options: ScheduleOptions): Fault[] {
  const { world, durationMs, everyMs, maxHopelessMs } = options;
  const random = seeded(options.seed);
  const decks = new Map<FaultKind, Deck<string>>();
  for (const kind of FAULT_KINDS) {
    const targets = targetsOf(kind, world).filter((target) => wanted(kind, target, options.faults));
    if (targets.length > 0) decks.set(kind, new Deck(targets, random));
  }
  const faults: Fault[] = [];
  if (decks.size === 0) return faults;
  const kinds = new Deck([...decks.keys()], random);
  let at = CALM_MS;
  while (at < durationMs) {
    for (let tries = 0; tries < TRIES; tries++) {
      const kind = kinds.draw();
      const fault = make(kind, decks.get(kind)!.draw(), at, random);
      if (at + fault.durationMs + CALM_MS > durationMs || clashes(fault, faults)) continue;
      if (longestHopeless([...faults, fault], world) > maxHopelessMs) continue;
      faults.push(fault);
      break;
    }
    at += Math.round(everyMs * (0.5 + random()));
  }
  return faults;
}

/** A target has one fault at a time, and a server that is full is not killed too. */
function clashes(fault: Fault, faults: readonly Fault[]): boolean {
  return faults.some((other) => other.target === fault.target && busyUntil(other) > fault.atMs);
}

function make(kind: FaultKind, target: string, atMs: number, random: () => number): Fault {
  const [least, most] = LASTS[kind];
  const durationMs = Math.round(least + random() * (most - least));
  const base = { kind, target, atMs, durationMs };
  if (kind === 'slow') {
    const latencyMs = Math.round(20 + random() * 480);
    return { ...base, latencyMs, bytesPerSecond: Math.round(20_000 + random() * 480_000) };
  }
  if (kind === 'half-open') return { ...base, lost: random() < 0.5 ? 'up' : 'down' };
  if (kind !== 'clock') return base;
  const jumpMs = Math.round((10_000 + random() * 3_590_000) * (random() < 0.5 ? -1 : 1));
  return { ...base, jumpMs, fifth: Math.floor(random() * 5) };
}

/** Between two outages, ms. */
const BETWEEN_MS = 20_000;

/** Outages of minutes, one after the other: each leaves no hope, and all must be well soon after it. */
export function outages(asked: readonly Outage[]): Fault[] {
  let at = CALM_MS;
  return asked.map(({ target, durationMs }) => {
    const fault: Fault = { kind: 'kill', target, atMs: at, durationMs };
    at += durationMs + BETWEEN_MS;
    return fault;
  });
}

/** A server that is killed, and comes back after a while. */
export interface Outage {
  readonly target: 'nats' | 'redis' | 'postgres';
  readonly durationMs: number;
}

function wanted(kind: FaultKind, target: string, faults: readonly string[] | undefined): boolean {
  if (faults === undefined) return true;
  return faults.some((one) => {
    const [name, begin = ''] = one.split(':', 2);
    return name === kind && target.startsWith(begin);
  });
}

/** @throws {Error} that names what is no kind of fault */
export function checkFaults(faults: readonly string[] | undefined): void {
  for (const one of faults ?? []) {
    const [name] = one.split(':', 1);
    if (!FAULT_KINDS.some((kind) => kind === name))
      throw new Error(`faults: "${name}" is none; there are ${FAULT_KINDS.join(', ')}`);
  }
}

/** All once in a random order, then all again in another: a short schedule too has some of each. */
class Deck<T> {
  #left: T[] = [];

  constructor(
    private readonly all: readonly T[],
    private readonly random: () => number,
  ) {}

  draw(): T {
    if (this.#left.length === 0) this.#left = [...this.all];
    const [one] = this.#left.splice(Math.floor(this.random() * this.#left.length), 1);
    return one!;
  }
}
