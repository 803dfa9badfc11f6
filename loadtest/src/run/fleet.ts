/** The room of all shares of the swarm together: one command to all, and what they answer put together. */
import { addSparse, newHistogram } from '../measure/counts.js';
import { latencyOf } from '../measure/latency.js';
import { childSwarm, localSwarm, type SwarmHandle } from '../swarm/handle.js';
import type { DoneReport, FromSwarm, LedgerRow, ReadyReport, RestReport, Tick } from '../swarm/plan.js';
import type { RunPlan } from './plans.js';
import type { StormRound } from './result.js';

interface Waiting<T> {
  readonly parts: Map<number, T>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Fleet {
  readonly rows: LedgerRow[] = [];
  /** One per process, once the run is over. */
  done: DoneReport[] = [];
  readonly #handles: SwarmHandle[];
  #ready: Waiting<ReadyReport> | null = null;
  #rest: Waiting<RestReport> | null = null;
  #done: Waiting<DoneReport> | null = null;
  #failure: Error | null = null;

  constructor(
    private readonly plan: RunPlan,
    private readonly onTick: (source: number, tick: Tick) => void,
  ) {
    const make = plan.local ? localSwarm : childSwarm;
    this.#handles = plan.swarms.map((_swarm, k) => make((message) => this.#hear(k, message)));
  }

  get pids(): number[] {
    return this.#handles.map(({ pid }) => pid);
  }

  /** Resolves when every station is in service or denied. */
  connect(): Promise<StormRound> {
    return this.#round(() => {
      for (const [k, handle] of this.#handles.entries()) {
        handle.send({ kind: 'connect', plan: this.plan.swarms[k]! });
      }
    });
  }

  cut(): Promise<StormRound> {
    return this.#round(() => {
      for (const handle of this.#handles) handle.send({ kind: 'cut' });
    });
  }

  go(at: number, durationMs?: number): void {
    for (const handle of this.#handles) handle.send({ kind: 'go', at, durationMs });
  }

  expectLosses(): void {
    for (const handle of this.#handles) handle.send({ kind: 'expectLosses' });
  }

  /** Ends the load, and the swarm stays; resolves when every process has told what the load has found. */
  async rest(): Promise<RestReport[]> {
    this.#throwFailure();
    const parts = new Map<number, RestReport>();
    await new Promise<void>((resolve, reject) => {
      this.#rest = { parts, resolve, reject };
      for (const handle of this.#handles) handle.send({ kind: 'rest' });
    });
    this.#rest = null;
    return [...parts.values()];
  }

  /** Ends the load; resolves when every process has told what it found. */
  async finish(): Promise<void> {
    this.#throwFailure();
    const parts = new Map<number, DoneReport>();
    await new Promise<void>((resolve, reject) => {
      this.#done = { parts, resolve, reject };
      for (const handle of this.#handles) handle.send({ kind: 'finish' });
    });
    this.done = [...parts.values()];
  }

  /** What is known of a round that did not end. */
  partialRound(): StormRound {
    const parts = [...(this.#ready?.parts.values() ?? [])];
    this.#ready = null;
    return { connectedMs: null, readyMs: null, stations: mergeBack(parts) };
  }

  async end(): Promise<void> {
    await Promise.all(this.#handles.map((handle) => handle.end()));
  }

  async #round(command: () => void): Promise<StormRound> {
    this.#throwFailure();
    const parts = new Map<number, ReadyReport>();
    await new Promise<void>((resolve, reject) => {
      this.#ready = { parts, resolve, reject };
      command();
    });
    this.#ready = null;
    const all = [...parts.values()];
    return {
      connectedMs: Math.max(...all.map((part) => part.connectedMs)),
      readyMs: Math.max(...all.map((part) => part.readyMs)),
      stations: mergeBack(all),
    };
  }

  #hear(k: number, message: FromSwarm): void {
    switch (message.kind) {
      case 'tick':
        this.onTick(k, message);
        break;
      case 'ready':
        this.#take(this.#ready, k, message);
        break;
      case 'rested':
        this.#take(this.#rest, k, message);
        break;
      case 'rows':
        for (const row of message.rows) this.rows.push(row);
        break;
      case 'done':
        this.#take(this.#done, k, message);
        break;
      case 'failed':
        this.#failure = new Error(message.message);
        this.#ready?.reject(this.#failure);
        this.#rest?.reject(this.#failure);
        this.#done?.reject(this.#failure);
    }
  }

  #take<T>(waiting: Waiting<T> | null, k: number, part: T): void {
    if (waiting === null) return;
    waiting.parts.set(k, part);
    if (waiting.parts.size === this.#handles.length) waiting.resolve();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}

function mergeBack(parts: readonly ReadyReport[]) {
  const whole = newHistogram();
  for (const part of parts) addSparse(whole, part.histogram);
  return latencyOf(whole);
}
