/**
 * How much this edge has to do, as one level. Each sheds what design.md's order says, and what is below it; transactions
 * are never shed. Figures and reasons: docs/decisions/0013.
 */
import { Waits } from './waits.js';

export const PRESSURE = {
  calm: 0,
  /** New connections get 503. */
  connections: 1,
  /** Lines for the message log are dropped. */
  records: 2,
  /** Heartbeats are answered here, with this edge's clock. */
  heartbeats: 3,
  /** Status notifications get an error. */
  status: 4,
} as const;

export type PressureLevel = (typeof PRESSURE)[keyof typeof PRESSURE];

/** The mean wait of calls, or the lateness of the event loop, from which on each level begins, ms. Chargers wait 30 s and more. */
const LATE_MS = [1_000, 1_500, 2_500, 4_000] as const;
/** An upgrade is waited for 10 s; those that would be in vain are not begun. They alone never shed anything else. */
const CONNECTS_MS = 6_000;
/** Samples in a row over the next level before it begins: one is a pause of the collector or of a disk. */
const RISE = 2;
/** Samples in a row under half of a level before it ends. */
const FALL = 8;

export class Pressure {
  /** CALLs of chargers that wait for the workers. */
  readonly calls = new Waits();
  /** Upgrades that wait for the workers. */
  readonly connects = new Waits();
  #level: PressureLevel = PRESSURE.calm;
  #over = 0;
  #under = 0;

  get level(): PressureLevel {
    return this.#level;
  }

  /** Called some times a second. @param lagMs by how much the event loop was late */
  sample(lagMs: number): void {
    this.#step(this.calls.take(), this.connects.take(), lagMs);
  }

  #step(callsMs: number, connectsMs: number, lagMs: number): void {
    const reached = (share: number): number => {
      const late = Math.max(callsMs, lagMs);
      const connects = connectsMs >= CONNECTS_MS * share ? PRESSURE.connections : PRESSURE.calm;
      return Math.max(LATE_MS.filter((bound) => late >= bound * share).length, connects);
    };
    // One level at a time, so that what a level sheds can help before the next begins.
    this.#over = reached(1) > this.#level ? this.#over + 1 : 0;
    this.#under = reached(0.5) < this.#level ? this.#under + 1 : 0;
    if (this.#over >= RISE) this.#set(this.#level + 1);
    else if (this.#under >= FALL) this.#set(this.#level - 1);
  }

  #set(level: number): void {
    this.#level = level as PressureLevel;
    this.#over = 0;
    this.#under = 0;
  }
}
