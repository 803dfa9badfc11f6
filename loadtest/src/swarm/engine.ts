/**
 * The room of the hot path: a station's next step, its CALL on the wire, and the answer found by comparing bytes. No
 * event, timer, closure or object is made per message.
 */
import type { Recorder } from '../measure/recorder.js';
import type { Json } from '../ocpp/answers.js';
import { CALL, type CallKind, labelOf } from '../ocpp/calls.js';
import { ID_LENGTH, setCounter } from '../ocpp/message-id.js';
import { Scratch, Stamp } from '../ocpp/template.js';
import type { Op, Scenario } from '../scenarios/scenario.js';
import { call } from '../scenarios/scenario.js';
import type { Faults } from './faults.js';
import type { Ledger } from './ledger.js';
import type { SwarmPlan } from './plan.js';
import { settle } from './settle.js';
import { readSlowly } from './slow-path.js';
import { STAGE, type Station } from './station.js';
import { nextLoop } from './steps.js';
import type { Wheel } from './wheel.js';

const BRACKET = 0x5b;
const COMMA = 0x2c;
const QUOTE = 0x22;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
/** `[3,"` and `",` around the id. */
const ID_AT = 4;
const PAYLOAD_AT = ID_AT + ID_LENGTH + 2;
const NEVER = Number.POSITIVE_INFINITY;
const MAX_GIVEN_UP = 64;
const BOOT_RETRY_MS = 1000;
/** What was due just before the end is still sent: a timer is never early. */
export const LAST_SENDS_MS = 10;

/** What the engine asks of who holds the sockets. */
export interface Sockets {
  /** The station is in service, for the first time or again. */
  inService(st: Station, now: number): void;
  /** Hang up and come back, as the scenario wants it. */
  hangUp(st: Station, now: number): void;
}

export class Engine {
  readonly deadlines: Float64Array;
  readonly #scratch = new Scratch();
  readonly #stamp = new Stamp();
  readonly #firstSetup: readonly Op[];
  readonly #laterSetup: readonly Op[];
  readonly #answerType: number;
  #sinceParsed = 0;
  /** On the monotonic clock; the load may be made in between. */
  #loadFrom = NEVER;
  #loadTo = NEVER;

  constructor(
    readonly plan: SwarmPlan,
    readonly scenario: Scenario,
    readonly recorder: Recorder,
    readonly faults: Faults,
    readonly ledger: Ledger,
    readonly wheel: Wheel,
    private readonly sockets: Sockets,
    readonly random: () => number,
  ) {
    this.deadlines = new Float64Array(plan.count).fill(NEVER);
    this.#laterSetup = plan.boot ? [call(CALL.boot)] : [];
    this.#firstSetup = [...this.#laterSetup, ...scenario.setup];
    this.#answerType = plan.echo ? 0x32 : 0x33;
  }

  /** From now on stations make the scenario's loop, until `finish`. */
  begin(from: number, to: number): void {
    this.#loadFrom = from;
    this.#loadTo = to;
  }

  get loadEnd(): number {
    return this.#loadTo;
  }

  /** No further step of the load is made. */
  end(now: number): void {
    this.#loadTo = Math.min(this.#loadTo, now);
  }

  /** No load, until the next `begin`. */
  rest(): void {
    this.#loadFrom = NEVER;
    this.#loadTo = NEVER;
  }

  isLoading(now: number): boolean {
    return now >= this.#loadFrom && now < this.#loadTo;
  }

  opened(st: Station, now: number): void {
    st.stage = STAGE.setup;
    st.setupOps = st.wasInService ? this.#laterSetup : this.#firstSetup;
    st.setupPc = 0;
    this.step(st, now);
  }

  /** The socket is gone. A CALL of the load goes out again when the station is back. */
  lost(st: Station): void {
    if (st.inService) this.recorder.counters.ready--;
    st.inService = false;
    if (st.waiting !== 0) {
      this.deadlines[st.index] = NEVER;
      if (st.waitingStage !== STAGE.setup) {
        st.interrupted = st.waiting;
        st.interruptedCounter = st.waitingCounter;
        st.interruptedStamp = st.stamp;
        st.interruptedIntendedAt = st.intendedAt;
      }
      st.waiting = 0;
    }
    st.stage = STAGE.setup;
  }

  /** An entry of the wheel has come due. */
  fired(st: Station, now: number): void {
    if (st.link === null || !st.open || st.waiting !== 0) return;
    const paced = this.plan.pacing.kind !== 'closed';
    if (paced && st.stage === STAGE.load && this.isLoading(now))
      this.recorder.sendLag.record(now - this.#intended(st.due));
    this.step(st, now);
  }

  /** Makes the station's next step, if it is time for one. */
  step(st: Station, now: number): void {
    if (st.stage === STAGE.setup) {
      const op = st.setupOps[st.setupPc++];
      if (op === undefined) this.#enterService(st, now);
      else if (op.op === 'call') this.#issue(st, op.kind, now, now);
    } else if (st.stage === STAGE.load) this.#loadStep(st, now);
  }

  /** Sends a CALL in the station's present stage. */
  issueNow(st: Station, kind: CallKind, now: number): void {
    this.#issue(st, kind, now, now);
  }

  #enterService(st: Station, now: number): void {
    st.stage = STAGE.load;
    st.inService = true;
    st.wasInService = true;
    this.recorder.counters.ready++;
    this.sockets.inService(st, now);
    if (st.interrupted !== 0) {
      const kind = st.interrupted;
      st.interrupted = 0;
      st.stamp = st.interruptedStamp;
      st.intendedAt = st.interruptedIntendedAt;
      st.waitingCounter = st.interruptedCounter;
      setCounter(st.ids, st.idAt, st.waitingCounter);
      this.deadlines[st.index] = now + this.plan.timeoutMs;
      this.#transmit(st, kind);
    } else this.#loadStep(st, now);
  }

  #loadStep(st: Station, now: number): void {
    if (now < this.#loadFrom) {
      if (this.#loadFrom !== NEVER) this.wheel.schedule(st.index, this.#loadFrom);
      return;
    }
    const { pacing } = this.plan;
    if (now >= this.#loadTo + (pacing.kind === 'closed' ? 0 : LAST_SENDS_MS)) return;
    for (;;) {
      const op = st.ops[st.pc] ?? nextLoop(this, st);
      if (op === undefined) return;
      if (op.op === 'pause') {
        if (pacing.kind === 'natural') st.due += op.ms;
        st.pc++;
        continue;
      }
      if (pacing.kind === 'closed') st.due = now;
      else if (st.due >= this.#loadTo) return;
      else if (st.due > now) {
        this.wheel.schedule(st.index, st.due);
        return;
      }
      st.pc++;
      if (op.op === 'reconnect') {
        this.sockets.hangUp(st, now);
        return;
      }
      const kind = op.kind;
      if (kind === CALL.stop && !st.txOpen) continue;
      const intended = this.#intended(st.due);
      if (pacing.kind === 'interval') st.due += pacing.everyMs;
      // Where the CSMS did not take the start, there is nothing to meter: start again.
      this.#issue(st, kind === CALL.meter && !st.txOpen ? CALL.start : kind, now, Math.min(intended, now));
      return;
    }
  }

  /** The schedule is one of whole ticks: what the wheel cannot do is not asked of it. */
  #intended(due: number): number {
    return this.plan.pacing.kind === 'closed' ? due : Math.ceil(due / this.wheel.tickMs) * this.wheel.tickMs;
  }

  #issue(st: Station, kind: CallKind, now: number, intended: number): void {
    if (kind === CALL.start) {
      this.ledger.close(st, false);
      st.seq = 0;
      st.tx = `lt-${this.plan.run}-${st.number}-${st.txCount++}`;
      st.txOpen = true;
      st.txStarted = false;
      st.txMessages = 0;
      st.txMeterStart = st.wh;
      st.txLast = st.wh;
    } else if (kind === CALL.meter) {
      st.seq++;
      st.w = 7000 + (st.number % 50) * 10;
      st.wh += 5 + (st.number % 7);
    } else if (kind === CALL.stop) {
      st.seq++;
      st.w = 0;
    }
    st.stamp = this.#stamp.bytes(now);
    st.waitingCounter = ++st.counter;
    setCounter(st.ids, st.idAt, st.counter);
    st.intendedAt = intended;
    this.deadlines[st.index] = now + this.plan.timeoutMs;
    this.#transmit(st, kind);
  }

  #transmit(st: Station, kind: CallKind): void {
    const link = st.link;
    if (link === null) return;
    const frame = this.#scratch.render(st.templates[kind]!, st);
    st.waiting = kind;
    st.waitingStage = st.stage;
    this.recorder.counters.sent++;
    if (link.copies) link.send(Buffer.from(frame));
    else if (!link.send(frame)) this.#scratch.renew();
  }

  /** A text message for the station. */
  text(st: Station, bytes: Buffer, start: number, end: number): void {
    const now = performance.now();
    if (st.waiting !== 0 && this.#isAnswer(st, bytes, start, end)) {
      const { prefix, whole } = st.rules[st.waiting];
      const payload = start + PAYLOAD_AT;
      if (this.plan.echo || this.#looksGood(prefix, whole, bytes, payload, end)) {
        this.accept(st, now, null);
        return;
      }
    }
    readSlowly(this, st, bytes.toString('utf8', start, end), now);
  }

  #isAnswer(st: Station, bytes: Buffer, start: number, end: number): boolean {
    if (end - start < PAYLOAD_AT + 3) return false;
    if (bytes[start] !== BRACKET || bytes[start + 1] !== this.#answerType || bytes[start + 2] !== COMMA) return false;
    if (bytes[start + 3] !== QUOTE || bytes[start + PAYLOAD_AT - 2] !== QUOTE) return false;
    const { ids, idAt } = st;
    // The end differs most often.
    for (let k = ID_LENGTH - 1; k >= 0; k--) if (bytes[start + ID_AT + k] !== ids[idAt + k]) return false;
    return bytes[start + PAYLOAD_AT - 1] === COMMA;
  }

  #looksGood(prefix: Buffer | null, whole: boolean, bytes: Buffer, at: number, end: number): boolean {
    if (prefix === null || ++this.#sinceParsed >= this.plan.parseEvery) {
      this.#sinceParsed = 0;
      return false;
    }
    if (bytes[end - 1] !== CLOSE_BRACKET || bytes[end - 2] !== CLOSE_BRACE) return false;
    if (whole ? end - at !== prefix.length + 1 : end - at <= prefix.length) return false;
    for (let k = 0; k < prefix.length; k++) if (bytes[at + k] !== prefix[k]) return false;
    return true;
  }

  /** A good answer. @param payload null where it was not parsed */
  accept(st: Station, now: number, payload: Json | null): void {
    const kind = st.waiting as CallKind;
    const stage = st.waitingStage;
    st.waiting = 0;
    this.deadlines[st.index] = NEVER;
    if (stage === STAGE.load) this.recorder.answered(labelOf(st.version, kind), st.intendedAt, now, st.hit);
    else this.recorder.setup.record(now - st.intendedAt);
    const waitMs = settle(this, st, kind, payload);
    if (waitMs > 0) this.wheel.schedule(st.index, now + waitMs);
    else this.step(st, now);
  }

  /** The CALL that waits will have no good answer; what was wrong is already counted. */
  giveUp(st: Station, now: number): void {
    const kind = st.waiting;
    this.deadlines[st.index] = NEVER;
    st.waiting = 0;
    if (kind === CALL.start) st.txOpen = false;
    if (kind === CALL.stop) this.ledger.close(st, false);
    if (kind === CALL.boot) {
      st.setupPc = 0;
      this.wheel.schedule(st.index, now + BOOT_RETRY_MS);
    } else if (st.link !== null && st.open) this.step(st, now);
  }

  /** Counts the CALLs whose answer did not come in time. */
  sweep(now: number, stations: readonly Station[]): void {
    const { deadlines } = this;
    for (let i = 0; i < deadlines.length; i++) {
      if (deadlines[i]! >= now) continue;
      const st = stations[i]!;
      if (st.waiting === 0) continue;
      const label = labelOf(st.version, st.waiting);
      this.faults.add('missing', st.identity, `${label}: no answer in ${this.plan.timeoutMs} ms`);
      st.givenUp ??= [];
      st.givenUp.push(st.waitingCounter);
      if (st.givenUp.length > MAX_GIVEN_UP) st.givenUp.shift();
      this.giveUp(st, now);
    }
  }
}
