/** The room of the commands scenario: commands to random stations through the REST API, counted like any load. */
import { Counts } from '../measure/counts.js';
import { isObject } from '../ocpp/answers.js';
import type { ApiOptions } from '../run/options.js';
import { Faults } from '../swarm/faults.js';
import type { Counters, Tick } from '../swarm/plan.js';
import { type HttpAnswer, Rest, RestError } from './rest.js';

const DEFAULT_ACTION = 'DataTransfer';
const DEFAULT_PAYLOAD = { vendorId: 'sigec.loadtest', data: 'who' };
const DEFAULT_CONCURRENCY = 8;
const ONLINE_MS = 10_000;
const ONLINE_RETRY_MS = 250;
/** Commands under way in open loop; what is due beyond waits, and its latency counts from when it was due. */
const MAX_OPEN = 1000;

export interface DriverOptions {
  readonly api: ApiOptions;
  readonly identities: readonly string[];
  /** Commands per second; undefined is closed loop. */
  readonly rate: number | undefined;
  readonly timeoutMs: number;
  readonly maxExamples: number;
  readonly random: () => number;
}

export class CommandDriver {
  readonly action: string;
  readonly faults: Faults;
  readonly latency = new Counts();
  readonly interval = new Counts();
  readonly #o: DriverOptions;
  readonly #rest: Rest;
  #targets: { identity: string; id: string }[] = [];
  #sent = 0;
  #answered = 0;
  #measured = 0;
  #open = 0;

  constructor(options: DriverOptions) {
    this.#o = options;
    this.action = options.api.action ?? DEFAULT_ACTION;
    this.faults = new Faults(options.maxExamples);
    this.#rest = new Rest(options.api.url, options.timeoutMs);
  }

  get measured(): number {
    return this.#measured;
  }

  get answered(): number {
    return this.#answered;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Logs in and finds the stations. @throws {RestError} */
  async prepare(): Promise<void> {
    const { api, identities } = this.#o;
    await this.#rest.login(api.email, api.password);
    const wanted = new Set(identities);
    const until = performance.now() + ONLINE_MS;
    let found = await this.#rest.devices(wanted);
    // A list may be a moment behind the sockets.
    while (found.size < wanted.size && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, ONLINE_RETRY_MS));
      found = await this.#rest.devices(wanted);
    }
    if (found.size === 0) throw new RestError('api: none of the stations is among the devices that are online');
    for (const identity of identities) {
      const id = found.get(identity);
      if (id !== undefined) this.#targets.push({ identity, id });
      else this.faults.add('command', identity, 'not among the devices that are online');
    }
  }

  /** Sends until `to`; times are on the monotonic clock. Resolves when the last answer is in. Returns what was left. */
  async run(from: number, measureFrom: number, to: number, signal: AbortSignal): Promise<number> {
    const { rate, api } = this.#o;
    const over = () => signal.aborted || performance.now() >= to;
    if (rate === undefined) {
      const loop = async () => {
        while (!over()) {
          const now = performance.now();
          await this.#send(now, measureFrom, to);
        }
      };
      await Promise.all(Array.from({ length: api.concurrency ?? DEFAULT_CONCURRENCY }, loop));
      return 0;
    }
    let due = Math.max(from, performance.now());
    const step = 1000 / rate;
    while (!over()) {
      for (const now = performance.now(); due <= now && this.#open < MAX_OPEN; due += step) {
        void this.#send(Math.min(Math.ceil(due), now), measureFrom, to);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const behind = Math.max(0, Math.ceil((Math.min(to, performance.now()) - due) / step));
    while (this.#open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return behind;
  }

  /** What it has to tell of the last second. */
  tick(): Tick {
    const { interval } = this;
    const counters: Counters = {
      connected: 0,
      ready: 0,
      connects: 0,
      reconnects: 0,
      retries: 0,
      sent: this.#sent,
      answered: this.#answered,
      measured: this.#measured,
      inboundCalls: 0,
      lost: 0,
      faults: this.faults.total,
    };
    const tick: Tick = {
      kind: 'tick',
      at: Date.now(),
      counters,
      answers: interval.total,
      histogram: interval.sparse(),
      lagMaxMs: 0,
      lagMeanMs: 0,
      utilisation: 0,
    };
    interval.clear();
    return tick;
  }

  close(): void {
    this.#rest.close();
  }

  async #send(intendedAt: number, measureFrom: number, to: number): Promise<void> {
    const { identity, id } = this.#targets[Math.floor(this.#o.random() * this.#targets.length)]!;
    this.#sent++;
    this.#open++;
    let wrong: string | null;
    try {
      const payload = this.#o.api.payload ?? (this.action === DEFAULT_ACTION ? DEFAULT_PAYLOAD : {});
      wrong = this.#fault(await this.#rest.send('POST', `/devices/${id}/commands/${this.action}`, payload), identity);
    } catch (error) {
      wrong = (error as Error).message;
    }
    this.#open--;
    if (wrong !== null) {
      this.faults.add('command', identity, `${this.action}: ${wrong}`);
      return;
    }
    const now = performance.now();
    this.#answered++;
    this.interval.record(now - intendedAt);
    if (intendedAt >= measureFrom && intendedAt < to) this.latency.record(now - intendedAt);
    if (now >= measureFrom && now < to) this.#measured++;
  }

  #fault({ status, body }: HttpAnswer, identity: string): string | null {
    if (status !== 200) return `HTTP ${status} ${isObject(body) && typeof body.code === 'string' ? body.code : ''}`;
    if (!isObject(body) || !isObject(body.response)) return 'no response of the station in the answer';
    if (this.#o.api.action === undefined && body.response.data !== identity)
      return `answered by ${String(body.response.data).slice(0, 60)}`;
    return null;
  }
}
