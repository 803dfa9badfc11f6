/** Charger messages in batches: handle over one view, commit, and only then let the answers go. */
import type { CallItem } from '@sigec/contract';
import { errorCode, isOcppVersion, type Warning } from '@sigec/ocpp';
import { type Logger, sleep } from '@sigec/runtime';
import { type CallView, type Database, isTransient, runCalls } from '@sigec/store';
import { CallRefused } from './handler.js';
import { Needs } from './needs.js';
import { answered, type From, type Outcome, refused, stale } from './outcome.js';
import { type Codecs, parseCall, type Routed } from './parse.js';
import type { WorkerSettings } from './settings.js';
import { Unit } from './unit.js';

/** One message of a batch fails unexpectedly; carries which. */
class Poison extends Error {
  constructor(
    readonly index: number,
    cause: unknown,
  ) {
    super('a handler failed', { cause });
  }
}

/** A message that needs the database. */
export interface Work {
  readonly from: From<CallItem>;
  readonly routed: Routed;
}

/** Waits before a batch is tried again whose commit failed for a passing reason, ms. After the last the edges resend. */
const RETRIES_MS = [20, 150, 800];

export interface CallsDeps {
  readonly db: Database;
  readonly codecs: Codecs;
  readonly settings: WorkerSettings;
  readonly logger: Logger;
  /** Called after a commit that wrote events. */
  readonly committed: () => void;
  /** Told what was accepted although its schema forbids it (field.md 26-28). */
  readonly warned: (item: CallItem, warnings: readonly Warning[]) => void;
}

/**
 * Reads, checks and routes a message. What needs no data (a heartbeat, a refusal) is answered here and now; the rest is
 * work for {@link commitCalls}.
 */
export function receiveCall(deps: CallsDeps, from: From<CallItem>, now: number): Outcome | Work {
  try {
    const parsed = parseCall(deps.codecs, from.item);
    if (!parsed.ok) return refused(from, parsed.refusal);
    const { handler, call, unlessLenient, warnings } = parsed.routed;
    if (warnings.length > 0) deps.warned(from.item, warnings);
    if (handler.kind === 'immediate' && unlessLenient === null)
      return answered(from, handler.answer(call, deps.settings, now), -1);
    return { from, routed: parsed.routed };
  } catch (error) {
    return failed(deps, from, error);
  }
}

function failed({ logger }: CallsDeps, from: From<CallItem>, error: unknown): Outcome {
  const { stationId, action, version } = from.item;
  logger.error({ err: error, station: stationId, action, version }, 'message could not be handled');
  const code = isOcppVersion(version) ? errorCode(version, 'internal') : 'InternalError';
  return refused(from, { code, description: 'the message could not be handled', details: {} });
}

/**
 * Does the work of a batch in one transaction, and tells the answers after the commit. Where that fails for good the batch
 * is taken apart until the cause stands alone. What cannot be committed now (the database is away) is left out: its edge
 * sends it again.
 */
export async function commitCalls(
  deps: CallsDeps,
  work: readonly Work[],
  tell: (outcomes: Outcome[]) => void,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      tell(await runOnce(deps, work));
      return;
    } catch (error) {
      if (error instanceof Poison) {
        const poison = work[error.index] as Work;
        tell([failed(deps, poison.from, error.cause)]);
        const rest = work.filter((w) => w !== poison);
        if (rest.length > 0) await commitCalls(deps, rest, tell);
        return;
      }
      if (isTransient(error)) {
        const wait = RETRIES_MS[attempt];
        if (wait === undefined) {
          deps.logger.warn({ err: error, messages: work.length }, 'batch not committed; its edges will send it again');
          return;
        }
        await sleep(wait);
      } else if (work.length === 1) {
        tell([failed(deps, (work[0] as Work).from, error)]);
        return;
      } else {
        const half = work.length >> 1;
        await commitCalls(deps, work.slice(0, half), tell);
        await commitCalls(deps, work.slice(half), tell);
        return;
      }
    }
  }
}

async function runOnce({ db, settings, committed }: CallsDeps, work: readonly Work[]): Promise<Outcome[]> {
  const needs = new Needs();
  for (const { routed } of work) {
    needs.stationIds.push(routed.call.stationId);
    if (routed.handler.kind === 'durable') routed.handler.needs?.(routed.call, needs);
  }
  let outcomes: Outcome[] = [];
  let events = 0;
  await runCalls(db, needs, (view) => {
    const unit = new Unit(view, settings, Date.now());
    outcomes = work.map((w, index) => {
      try {
        return handleOne(w, unit, view);
      } catch (error) {
        throw new Poison(index, error);
      }
    });
    const changes = unit.changes();
    events = changes.events.length;
    return changes;
  });
  if (events > 0) committed();
  return outcomes;
}

function handleOne({ from, routed }: Work, unit: Unit, view: CallView): Outcome {
  const { handler, call, unlessLenient } = routed;
  const station = view.stations.get(call.stationId);
  // The station was deleted, or a newer session holds it: what the old socket sends late changes nothing.
  if (station === undefined || from.item.epoch < station.epoch) return stale(from);
  if (unlessLenient !== null) {
    const { overlay, refusal } = unlessLenient;
    const allowed =
      (!overlay.overlong || station.leniency.overlong) && (!overlay.additional || station.leniency.additional);
    if (!allowed) return refused(from, refusal);
  }
  if (handler.kind === 'immediate') return answered(from, handler.answer(call, unit.settings, unit.now), -1);
  const before = unit.writes;
  try {
    const response = handler.handle(call, unit);
    return answered(from, response, handler.booted === undefined ? -1 : handler.booted(response) ? 1 : 0);
  } catch (error) {
    // What was refused leaves nothing: half of a message is worse than none, so the batch goes on without it.
    if (!(error instanceof CallRefused) || unit.writes !== before) throw error;
    return refused(from, { code: errorCode(call.version, error.meaning), description: error.message, details: {} });
  }
}
