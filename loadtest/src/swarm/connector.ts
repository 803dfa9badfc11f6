/** The room of connections: the ramp, how many are made at once, who comes back and when. */
import type { Recorder } from '../measure/recorder.js';
import { SUBPROTOCOL } from '../ws/handshake.js';
import { Link, type LinkOwner } from '../ws/link.js';
import type { Engine } from './engine.js';
import type { Faults } from './faults.js';
import type { SwarmPlan } from './plan.js';
import { SourcePorts } from './source-ports.js';
import type { Station } from './station.js';
import { Wheel } from './wheel.js';

/** Statuses after which a station comes again: the CSMS is busy, not unwilling. */
const RETRIED = new Set([0, 408, 425, 429, 500, 502, 503, 504]);
const TICK_MS = 10;

export class Connector {
  readonly #wheel: Wheel;
  readonly #queue: Station[] = [];
  #queueAt = 0;
  #attempts = 0;
  #closing = false;
  /** A socket that is lost is what was expected. */
  expectsLosses = false;
  /** When the last socket was opened. */
  lastOpenedAt = 0;
  readonly #ports: SourcePorts;
  /** Handshakes under way, for their deadline. */
  readonly #underWay = new Set<Station>();

  constructor(
    private readonly plan: SwarmPlan,
    private readonly stations: readonly Station[],
    private readonly recorder: Recorder,
    private readonly faults: Faults,
    private readonly random: () => number,
    private readonly engine: () => Engine,
    private readonly given: (st: Station) => void,
  ) {
    this.#ports = new SourcePorts(plan.sources.length);
    this.#wheel = new Wheel(stations.length, TICK_MS, performance.now(), (i) => this.#enqueue(stations[i]!));
  }

  /** All stations, one after the other within the ramp. */
  begin(now: number): void {
    const { rampMs, total, from } = this.plan;
    for (const st of this.stations) {
      const at = now + ((from + st.index) / total) * rampMs;
      st.calledAt = at;
      if (rampMs === 0) this.#enqueue(st);
      else this.#wheel.schedule(st.index, at);
    }
    this.#pump();
  }

  tick(now: number): void {
    this.#wheel.advance(now);
    this.#pump();
    for (const st of this.#underWay) {
      if (now - st.attemptAt <= this.plan.connectTimeoutMs) continue;
      st.link?.close();
      this.failed(st, 0, 'no answer to the upgrade in time');
    }
  }

  /** Cuts every socket, and calls all back at once. */
  cutAll(now: number): void {
    for (const st of this.stations) {
      if (st.refused) continue;
      st.calledAt = now;
      const { link, open } = st;
      // Who is not connected is on the way back already.
      if (link === null) continue;
      link.cut();
      this.#gone(st);
      this.recorder.counters.reconnects++;
      if (open) this.engine().lost(st);
      this.#enqueue(st);
    }
    this.#pump();
  }

  /** A planned end of one connection. */
  hangUp(st: Station, now: number): void {
    st.link?.close();
    this.#gone(st);
    this.engine().lost(st);
    this.recorder.counters.reconnects++;
    this.#wheel.schedule(st.index, now);
  }

  /** Closes every socket; resolves when the last is gone. */
  async closeAll(): Promise<void> {
    this.#closing = true;
    await Promise.all(
      this.stations.map((st) => {
        const link = st.link;
        this.#gone(st);
        return link === null ? undefined : new Promise<void>((resolve) => link.close(resolve));
      }),
    );
  }

  opened(st: Station): void {
    const now = performance.now();
    this.#underWay.delete(st);
    this.#attempts--;
    st.open = true;
    this.lastOpenedAt = now;
    st.failures = 0;
    this.recorder.counters.connected++;
    this.recorder.counters.connects++;
    this.recorder.connect.record(now - st.attemptAt);
    this.engine().opened(st, now);
    this.#pump();
  }

  failed(st: Station, status: number, reason: string): void {
    this.#gone(st);
    if (!RETRIED.has(status)) {
      st.refused = true;
      this.faults.add('refused', st.identity, reason);
      this.given(st);
    } else {
      this.recorder.counters.retries++;
      this.#later(st);
    }
    this.#pump();
  }

  closed(st: Station, reason: string): void {
    this.#gone(st);
    if (this.#closing) return;
    if (this.expectsLosses) {
      st.hit = true;
      this.recorder.counters.lost++;
    } else this.faults.add('unexpectedClose', st.identity, reason);
    this.engine().lost(st);
    this.recorder.counters.reconnects++;
    st.calledAt = performance.now();
    this.#later(st);
  }

  #gone(st: Station): void {
    if (st.open) this.recorder.counters.connected--;
    else if (this.#underWay.delete(st)) this.#attempts--;
    st.open = false;
    st.link = null;
  }

  #later(st: Station): void {
    const [min, max] = this.plan.backoffMs;
    const wait = Math.min(max, min * 2 ** Math.min(st.failures++, 20));
    this.#wheel.schedule(st.index, performance.now() + wait * (0.5 + 0.5 * this.random()));
  }

  #enqueue(st: Station): void {
    if (!this.#closing) this.#queue.push(st);
  }

  #pump(): void {
    while (this.#attempts < this.plan.connectConcurrency && this.#queueAt < this.#queue.length && !this.#closing) {
      const st = this.#queue[this.#queueAt++]!;
      if (st.link === null) this.#connect(st);
    }
    if (this.#queueAt === this.#queue.length && this.#queueAt > 0) {
      this.#queue.length = 0;
      this.#queueAt = 0;
    }
  }

  #connect(st: Station): void {
    const { plan } = this;
    const source = plan.sources.length === 0 ? -1 : st.index % plan.sources.length;
    st.attemptAt = performance.now();
    this.#attempts++;
    this.#underWay.add(st);
    st.link = new Link(this.#owner(st), {
      endpoint: plan.endpoint,
      address: plan.address,
      localAddress: plan.sources[source],
      localPort: plan.ownPorts ? this.#ports.next(source) : undefined,
      identity: st.identity,
      subprotocol: SUBPROTOCOL[st.version],
      password: plan.passwords.length > 1 ? plan.passwords[st.index] : plan.passwords[0],
      ca: plan.ca,
      insecure: plan.insecure,
    });
  }

  #owner(st: Station): LinkOwner {
    const engine = this.engine();
    return {
      linkOpen: () => this.opened(st),
      linkText: (bytes, start, end) => engine.text(st, bytes, start, end),
      linkClosed: (_link, reason) => this.closed(st, reason),
      linkFailed: (_link, status, reason) => this.failed(st, status, reason),
    };
  }
}
