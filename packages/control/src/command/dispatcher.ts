/**
 * The dispatcher: commands of the queue go out, one at a time to each station and so many at once in this process. What it
 * holds is leased: were the process killed, another takes it over, and what may have arrived is not sent again.
 */

import { sleep } from '@sigec/runtime';
import {
  type Actor,
  type Attempted,
  beginSending,
  claimLanes,
  endAttempt,
  type Head,
  isTransient,
  type Lane,
  pauseFailing,
  type QueuedCommand,
  readHeads,
  settleLanes,
  takeOver,
} from '@sigec/store';
import { itself } from '../background/job.js';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { mayHaveArrived } from './dispatch.js';
import { type Granted, grant, isUndelivered } from './wish.js';

/** Commands under way at once in this process. */
const MAX_IN_FLIGHT = 200;
/** Stations of one look. */
const MAX_CLAIM = 100;
/** From the look at a queue to the mark that its command goes out. */
const CLAIM_MS = 15_000;
/** What a lease lasts beyond the time that the charger has: looking for it, and writing down how it ended. */
const MARGIN_MS = 20_000;
/** Between two looks while something is under way. */
const PAUSE_MS = 100;
/** A station that could not be reached although it seemed online is tried again after this. */
const AWAY_MS = 5_000;
/** How long what is under way may take when the process goes. */
const DRAIN_MS = 5_000;

/** The end of an attempt, but for what the queue knows of it. */
type Outcome = Omit<Attempted, 'id' | 'attempt' | 'wakes'>;

/** Sends what is due, and what becomes due while that is under way. */
export async function dispatchDue(services: Services, closing: AbortSignal): Promise<boolean> {
  const flights = new Set<Promise<void>>();
  let landed: () => void = () => undefined;
  const launch = (command: QueuedCommand, lane: Lane, attempt: number) => {
    const flight = fly(services, command, lane, attempt).finally(() => {
      flights.delete(flight);
      landed();
    });
    flights.add(flight);
  };
  while (!closing.aborted) {
    const room = Math.min(MAX_IN_FLIGHT - flights.size, MAX_CLAIM);
    const found = room > 0 ? await launchDue(services, room, launch) : 0;
    if (flights.size === 0 && found === 0) return false;
    if (found === room) continue;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PAUSE_MS);
      landed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  await Promise.race([Promise.allSettled([...flights]), sleep(DRAIN_MS)]);
  return false;
}

type Launch = (command: QueuedCommand, lane: Lane, attempt: number) => void;

/** One look at the queues that are due; how many there were. */
async function launchDue({ db, logger }: Services, room: number, launch: Launch): Promise<number> {
  const lanes = await claimLanes(db, room, CLAIM_MS);
  if (lanes.length === 0) return 0;
  for (const { id, batchId } of await takeOver(db, lanes)) {
    logger.warn({ command: id }, 'command: taken over from a process that went; whether it arrived is not known');
    if (batchId !== null) await pauseFailing(db, batchId);
  }
  const heads = new Map((await readHeads(db, lanes)).map((head) => [head.stationId, head]));
  const due = [...heads.values()].flatMap(({ reachable, command }) => (reachable && command?.due ? [command.id] : []));
  const begun = new Map(
    (due.length === 0 ? [] : await beginSending(db, due, MARGIN_MS)).map((b) => [b.id, b.attempts]),
  );
  const rests = [];
  for (const lane of lanes) {
    const head = heads.get(lane.stationId);
    const attempt = head?.command ? begun.get(head.command.id) : undefined;
    if (attempt === undefined) rests.push({ ...lane, until: nextLook(head) });
    else launch(head?.command as QueuedCommand, lane, attempt);
  }
  await settleLanes(db, rests);
  return lanes.length;
}

/** Null: when the station is back, or something is put into its queue. */
function nextLook(head: Head | undefined): number | null {
  return head?.reachable && head.command !== null ? head.command.dueAt : null;
}

const whose = ({ tenantId, createdBy }: QueuedCommand): Actor => {
  const actor = itself(tenantId);
  return createdBy === null ? actor : { ...actor, userId: createdBy };
};

/** One attempt, from the charger to the note of its end. Never rejects. */
async function fly(services: Services, command: QueuedCommand, lane: Lane, attempt: number): Promise<void> {
  const { db, stations, logger } = services;
  let outcome: Outcome;
  let left = false;
  try {
    const actor = whose(command);
    const station = await stations.load(actor, command.stationId);
    if (station === undefined) throw new ProblemError('not-found');
    const leaving = () => {
      left = true;
    };
    const options = { timeoutMs: command.timeoutMs, commandId: command.id, leaving };
    outcome = ofAnswer(command, attempt, await grant(services, actor, station, command, options));
  } catch (error) {
    if (!(error instanceof ProblemError)) logger.error({ err: error, command: command.id }, 'command: failed');
    outcome = ofError(command, attempt, error, left);
  }
  const done = { ...outcome, id: command.id, attempt, wakes: lane.wakes };
  for (let tries = 1; ; tries++) {
    try {
      const end = await endAttempt(db, done);
      if (end !== undefined && end.batchId !== null && end.state !== 'succeeded') await pauseFailing(db, end.batchId);
      return;
    } catch (error) {
      // Where it cannot be written down the lease runs out, and whoever takes it over says that nobody knows.
      logger.warn({ err: error, command: command.id }, 'command: its end could not be noted');
      if (tries >= 5 || !isTransient(error)) return;
      await sleep(500 * tries);
    }
  }
}

const again = (command: QueuedCommand, attempt: number, state: 'refused' | 'failed') => ({
  state: attempt < command.maxAttempts ? ('queued' as const) : state,
  otherwise: state,
  delayMs: command.retryDelayS * 1000,
  unsent: false,
});

function ofAnswer(command: QueuedCommand, attempt: number, granted: Granted): Outcome {
  const { sent, action, accepted, status, requestId } = granted;
  const said = { action, messageId: sent.messageId, response: sent.response };
  if (!accepted) return { ...said, ...again(command, attempt, 'refused'), reason: status };
  const state = requestId === undefined ? 'succeeded' : 'running';
  return { ...said, state, otherwise: state, reason: null, unsent: false, delayMs: 0 };
}

function ofError(command: QueuedCommand, attempt: number, error: unknown, left: boolean): Outcome {
  const reason = error instanceof ProblemError ? error.code : 'internal';
  const none = { action: null, messageId: messageOf(error), response: null };
  // A database that is away for a moment ends no command that had not left.
  if (isUndelivered(error) || (!left && isTransient(error)))
    return { ...none, state: 'queued', otherwise: 'cancelled', reason, unsent: true, delayMs: AWAY_MS };
  if (reason === 'charger-error') return { ...none, ...again(command, attempt, 'refused'), reason };
  if (!mayHaveArrived(error))
    return { ...none, state: 'failed', otherwise: 'failed', reason, unsent: false, delayMs: 0 };
  const tried = command.retryUnknown
    ? again(command, attempt, 'failed')
    : again(command, command.maxAttempts, 'failed');
  return { ...none, ...tried, reason: 'unknown-outcome' };
}

function messageOf(error: unknown): string | null {
  const id = error instanceof ProblemError ? error.options.extra?.message_id : undefined;
  return typeof id === 'string' ? id : null;
}
