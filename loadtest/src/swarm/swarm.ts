/** The room of one process's share of the swarm: it puts the parts together, keeps the one timer, and reports. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Counts } from '../measure/counts.js';
import { Recorder } from '../measure/recorder.js';
import { rulesOf } from '../ocpp/answers.js';
import { CALL } from '../ocpp/calls.js';
import { ID_LENGTH, initId } from '../ocpp/message-id.js';
import { templatesOf } from '../ocpp/template.js';
import { scenarioOf } from '../scenarios/index.js';
import { Connector } from './connector.js';
import { Engine, LAST_SENDS_MS } from './engine.js';
import { Faults } from './faults.js';
import { Ledger } from './ledger.js';
import { type FromSwarm, formatPattern, type SwarmPlan } from './plan.js';
import { seeded } from './random.js';
import { STAGE, Station } from './station.js';
import { Wheel } from './wheel.js';

const SLOW_TICK_MS = 10;
const SWEEP_MS = 50;
const REPORT_MS = 1000;
const LAG_RESOLUTION_MS = 10;
/** A second answer to the last CALL may still come. */
const SETTLE_MS = 150;
const COME_BACK_MS = 3000;
const MAX_TEARDOWNS = 512;

export class Swarm {
  readonly #stations: readonly Station[];
  readonly #recorder = new Recorder();
  readonly #faults: Faults;
  readonly #ledger: Ledger;
  readonly #wheel: Wheel;
  readonly #engine: Engine;
  readonly #connector: Connector;
  readonly #lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  readonly #back = new Counts();
  readonly #timers: NodeJS.Timeout[] = [];
  #utilisation = performance.eventLoopUtilization();
  #calledAt = 0;
  #awaited = false;
  #tickedAt = 0;
  #sweptAt = 0;
  #refused = 0;
  #finishBy = Number.POSITIVE_INFINITY;
  #finishing = false;
  #finishedAt = 0;
  #behind: number | null = null;
  #loading = false;
  #resting = false;
  readonly #hitBack = new Counts();
  #lastBackAt = 0;

  constructor(
    private readonly plan: SwarmPlan,
    private readonly emit: (message: FromSwarm) => void,
  ) {
    const scenario = scenarioOf(plan.scenario);
    const random = seeded(plan.seed + plan.from);
    const now = performance.now();
    this.#faults = new Faults(plan.maxExamples);
    this.#ledger = new Ledger(plan.maxLedgerRows);
    this.#stations = makeStations(plan);
    const { tickMs } = plan;
    this.#wheel = new Wheel(plan.count, tickMs, now, (i) => this.#engine.fired(this.#stations[i]!, performance.now()));
    this.#connector = new Connector(
      plan,
      this.#stations,
      this.#recorder,
      this.#faults,
      random,
      () => this.#engine,
      () => {
        this.#refused++;
        this.#reportReady(performance.now());
      },
    );
    this.#engine = new Engine(
      plan,
      scenario,
      this.#recorder,
      this.#faults,
      this.#ledger,
      this.#wheel,
      {
        inService: (st, at) => {
          if (this.#awaited) this.#back.record(at - st.calledAt);
          if (st.hit && this.#connector.expectsLosses) {
            this.#hitBack.record(at - st.calledAt);
            this.#lastBackAt = at;
          }
          this.#reportReady(at);
        },
        hangUp: (st, at) => this.#connector.hangUp(st, at),
      },
      random,
    );
    this.#lag.enable();
    this.#timers.push(
      setInterval(() => this.#tick(), tickMs),
      setInterval(() => this.#report(), REPORT_MS),
    );
  }

  connect(): void {
    this.#calledAt = performance.now();
    this.#awaited = true;
    this.#connector.begin(this.#calledAt);
  }

  /** @param at wall time */
  go(at: number, durationMs = this.plan.durationMs): void {
    const { warmupMs, pacing, total, from } = this.plan;
    const begin = at - performance.timeOrigin;
    const end = begin + warmupMs + durationMs;
    this.#loading = true;
    this.#recorder.measure(begin + warmupMs, end);
    this.#engine.begin(begin, end);
    const now = performance.now();
    for (const st of this.#stations) {
      // The stations of all processes take turns, so that a rate is even.
      st.due = pacing.kind === 'interval' ? begin + ((from + st.index) / total) * pacing.everyMs : begin;
      if (pacing.kind === 'natural') restart(st);
      if (st.inService && st.waiting === 0) this.#engine.step(st, now);
    }
  }

  cut(): void {
    this.#calledAt = performance.now();
    this.#awaited = true;
    this.#back.clear();
    this.#connector.cutAll(this.#calledAt);
  }

  expectLosses(): void {
    this.#connector.expectsLosses = true;
    this.#hitBack.clear();
    this.#lastBackAt = 0;
    for (const st of this.#stations) st.hit = false;
  }

  rest(): void {
    this.#endLoad();
    this.#resting = true;
  }

  finish(): void {
    this.#endLoad();
    if (!this.#loading) this.#behind = 0;
    this.#finishing = true;
  }

  #endLoad(): void {
    const now = performance.now();
    this.#engine.end(now);
    this.#finishedAt = now;
    this.#finishBy = now + COME_BACK_MS + 2 * this.plan.timeoutMs;
  }

  /** Ends everything at once. */
  abort(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#lag.disable();
    for (const st of this.#stations) st.link?.cut();
  }

  #tick(): void {
    const now = performance.now();
    this.#wheel.advance(now);
    if (now - this.#tickedAt >= SLOW_TICK_MS) {
      this.#tickedAt = now;
      this.#connector.tick(now);
    }
    if (now - this.#sweptAt < SWEEP_MS) return;
    // An answer that was there in time may still lie unread after a stall of this process; it gets a turn to be read.
    this.#engine.sweep(this.#sweptAt, this.#stations);
    this.#sweptAt = now;
    if (this.#resting) this.#settle(now);
    if (this.#finishing) this.#drain(now);
  }

  #reportReady(now: number): void {
    if (!this.#awaited) return;
    if (this.#recorder.counters.ready + this.#refused < this.plan.count) return;
    this.#awaited = false;
    this.emit({
      kind: 'ready',
      connectedMs: this.#connector.lastOpenedAt - this.#calledAt,
      readyMs: now - this.#calledAt,
      histogram: this.#back.sparse(),
    });
  }

  #report(): void {
    const { counters, interval } = this.#recorder;
    const utilisation = performance.eventLoopUtilization(this.#utilisation);
    this.#utilisation = performance.eventLoopUtilization();
    const lag = (nanos: number) => Math.max(0, nanos / 1e6 - LAG_RESOLUTION_MS) || 0;
    this.emit({
      kind: 'tick',
      at: Date.now(),
      counters: { ...counters, faults: this.#faults.total },
      answers: interval.total,
      histogram: interval.sparse(),
      lagMaxMs: lag(this.#lag.max),
      lagMeanMs: lag(this.#lag.mean),
      utilisation: utilisation.utilization,
    });
    interval.clear();
    this.#lag.reset();
  }

  #countBehind(): number {
    const { pacing } = this.plan;
    let behind = 0;
    const end = this.#engine.loadEnd;
    for (const st of this.#stations) {
      if (st.due >= end) continue;
      if (pacing.kind === 'interval') behind += Math.ceil((end - st.due) / pacing.everyMs);
      else if (pacing.kind === 'natural') {
        const op = st.ops[st.pc];
        if (op?.op === 'pause' && st.due + op.ms < end) behind++;
      }
    }
    return behind;
  }

  /** Waits until every CALL of the load has its answer, and tells. */
  #settle(now: number): void {
    if (now < this.#finishedAt + LAST_SENDS_MS) return;
    this.#behind ??= this.#countBehind();
    const pending = this.#stations.some((st) => !st.refused && (st.waiting !== 0 || st.interrupted !== 0));
    if (pending && now < this.#finishBy) return;
    this.#resting = false;
    this.#loading = false;
    this.#engine.rest();
    this.#connector.expectsLosses = false;
    const { counters, hit, sendLag } = this.#recorder;
    this.emit({
      kind: 'rested',
      counters: { ...counters, faults: this.#faults.total },
      actions: this.#recorder.actions(),
      hit: hit.sparse(),
      sendLag: sendLag.sparse(),
      behind: this.#behind,
      back: this.#hitBack.sparse(),
      lastBackAt: this.#lastBackAt === 0 ? 0 : performance.timeOrigin + this.#lastBackAt,
    });
    this.#behind = null;
  }

  /** Lets open CALLs end, stops open transactions, and then says good-bye. */
  #drain(now: number): void {
    if (now < this.#finishedAt + LAST_SENDS_MS) return;
    this.#behind ??= this.#countBehind();
    let pending = 0;
    const waitForIdle = now < this.#finishBy - 2 * this.plan.timeoutMs;
    let teardowns = 0;
    for (const st of this.#stations) if (st.stage === STAGE.teardown && st.waiting !== 0) teardowns++;
    for (const st of this.#stations) {
      if (st.refused) continue;
      const open = st.waiting !== 0 || st.interrupted !== 0;
      if (open) pending++;
      // Who is away and owes nothing gets a little time to come back.
      else if (!st.inService) pending += st.txOpen || waitForIdle ? 1 : 0;
      else if (st.txOpen) {
        pending++;
        if (teardowns++ >= MAX_TEARDOWNS) continue;
        st.stage = STAGE.teardown;
        this.#engine.issueNow(st, CALL.stop, now);
      }
    }
    if (pending > 0 && now < this.#finishBy) return;
    this.#finishing = false;
    setTimeout(() => void this.#done(), SETTLE_MS);
  }

  async #done(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const st of this.#stations) {
      if (!st.refused && !st.inService) this.#faults.add('notReady', st.identity, 'was not in service at the end');
      if (st.interrupted !== 0) this.#faults.add('missing', st.identity, 'interrupted, and not made again by the end');
      this.#ledger.close(st, false);
    }
    this.#report();
    this.#lag.disable();
    await this.#connector.closeAll();
    for (const rows of this.#ledger.parts()) this.emit({ kind: 'rows', rows });
    const { setup, connect, sendLag, verdicts, inbound, counters } = this.#recorder;
    this.emit({
      kind: 'done',
      counters: { ...counters, faults: this.#faults.total },
      faults: this.#faults.report(),
      actions: this.#recorder.actions(),
      setup: setup.sparse(),
      connect: connect.sparse(),
      sendLag: sendLag.sparse(),
      verdicts,
      inbound,
      behind: this.#behind ?? 0,
      ledger: this.#ledger.totals,
    });
  }
}

/** Another load begins where a round of the scenario begins. */
function restart(st: Station): void {
  st.ops = [];
  st.pc = 0;
  st.round = 0;
}

function makeStations(plan: SwarmPlan): Station[] {
  const ids = new Uint8Array(plan.count * ID_LENGTH);
  const templates = new Map(plan.versions.map((version) => [version, templatesOf(version)]));
  return plan.identities.map((identity, index) => {
    const number = plan.from + index;
    const version = plan.versions[number % plan.versions.length]!;
    const tag = formatPattern(plan.idToken, number + 1);
    initId(ids, index * ID_LENGTH, plan.run, number);
    return new Station(
      index,
      number,
      identity,
      version,
      tag,
      templates.get(version)!,
      rulesOf(version),
      ids,
      index * ID_LENGTH,
    );
  });
}
