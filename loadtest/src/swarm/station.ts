/** The room of what is known of one station between two frames. Plain fields: the engine and the connector write them. */
import type { AnswerRule } from '../ocpp/answers.js';
import type { CallKind, Version } from '../ocpp/calls.js';
import type { Template, Values } from '../ocpp/template.js';
import type { Op } from '../scenarios/scenario.js';
import type { Link } from '../ws/link.js';

/** Which list of steps a station is in. */
export const STAGE = { setup: 0, load: 1, teardown: 2, done: 3 } as const;
export type Stage = (typeof STAGE)[keyof typeof STAGE];

const NOTHING: readonly Op[] = [];
const NO_STAMP = new Uint8Array(0);

export class Station implements Values {
  link: Link | null = null;
  open = false;
  /** Denied for good: it does not come again. */
  refused = false;
  /** Of the present attempt to connect. */
  attemptAt = 0;
  failures = 0;
  /** When this station was told to come, or come back; for the time it took. */
  calledAt = 0;
  stage: Stage = STAGE.setup;
  inService = false;
  wasInService = false;
  /** Has lost its socket while that was expected. */
  hit = false;
  setupOps: readonly Op[] = NOTHING;
  setupPc = 0;

  /** The load's steps; a lost socket does not change where it stands in them. */
  ops: readonly Op[] = NOTHING;
  pc = 0;
  round = 0;
  /** When the next step is meant to be made, on the monotonic clock in milliseconds. */
  due = 0;

  /** The CALL that waits for its answer, 0 where there is none. */
  waiting: CallKind | 0 = 0;
  /** Stage in which it was made. */
  waitingStage: Stage = STAGE.setup;
  sentAt = 0;
  intendedAt = 0;
  counter = 0;
  waitingCounter = 0;
  /** A CALL of the load that a close has interrupted; it is sent again, alike, once the station is back. */
  interrupted: CallKind | 0 = 0;
  interruptedCounter = 0;
  interruptedStamp: Uint8Array = NO_STAMP;
  interruptedIntendedAt = 0;
  /** Counters of CALLs that were given up, newest last; null until there is one. */
  givenUp: number[] | null = null;

  // What templates read.
  stamp: Uint8Array = NO_STAMP;
  wh: number;
  w = 0;
  seq = 0;
  tx = '';

  // The transaction's account.
  txOpen = false;
  txCount = 0;
  txMeterStart = 0;
  txLast = 0;
  txMessages = 0;
  txStarted = false;

  constructor(
    readonly index: number,
    /** Its number in the whole swarm. */
    readonly number: number,
    readonly identity: string,
    readonly version: Version,
    readonly tag: string,
    readonly templates: readonly Template[],
    readonly rules: Readonly<Record<CallKind, AnswerRule>>,
    readonly ids: Uint8Array,
    readonly idAt: number,
  ) {
    // Registers differ, as those of a real fleet do.
    this.wh = 1000 + ((number * 7919) % 900_000);
  }
}
