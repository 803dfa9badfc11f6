/** The room of what one process of the swarm counts. */
import type { Counters } from '../swarm/plan.js';
import { Counts, type Sparse } from './counts.js';

export class Recorder {
  readonly counters: Counters = {
    connected: 0,
    ready: 0,
    connects: 0,
    reconnects: 0,
    retries: 0,
    sent: 0,
    answered: 0,
    measured: 0,
    inboundCalls: 0,
    lost: 0,
    faults: 0,
  };
  readonly setup = new Counts();
  readonly connect = new Counts();
  readonly sendLag = new Counts();
  /** Answers to stations that had lost their socket, as was expected. */
  readonly hit = new Counts();
  /** Since the last tick. */
  readonly interval = new Counts();
  readonly verdicts: Record<string, number> = {};
  readonly inbound: Record<string, number> = {};
  readonly #actions = new Map<string, Counts>();
  #from = Number.POSITIVE_INFINITY;
  #to = Number.POSITIVE_INFINITY;

  /** Begins with a new measured time, on the monotonic clock. */
  measure(from: number, to: number): void {
    this.#actions.clear();
    this.hit.clear();
    this.sendLag.clear();
    this.#from = from;
    this.#to = to;
  }

  /** A good answer to the load. It is measured where it was meant to be sent within the measured time. */
  answered(label: string, intendedAt: number, now: number, hit: boolean): void {
    this.counters.answered++;
    this.interval.record(now - intendedAt);
    if (now >= this.#from && now < this.#to) this.counters.measured++;
    if (intendedAt < this.#from || intendedAt >= this.#to) return;
    if (hit) {
      this.hit.record(now - intendedAt);
      return;
    }
    let counts = this.#actions.get(label);
    if (counts === undefined) {
      counts = new Counts();
      this.#actions.set(label, counts);
    }
    counts.record(now - intendedAt);
  }

  actions(): Record<string, Sparse> {
    return Object.fromEntries([...this.#actions].map(([label, counts]) => [label, counts.sparse()]));
  }

  verdict(label: string, word: string): void {
    count(this.verdicts, `${label} ${word}`);
  }

  inboundCall(action: string): void {
    this.counters.inboundCalls++;
    count(this.inbound, action);
  }
}

/** What a server may name at most, so that a broken one does not fill the memory. */
const MAX_NAMES = 200;

function count(tally: Record<string, number>, name: string): void {
  const before = tally[name];
  if (before !== undefined) tally[name] = before + 1;
  else if (Object.keys(tally).length < MAX_NAMES) tally[name.slice(0, 80)] = 1;
}
