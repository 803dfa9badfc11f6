/** What somebody wants of a station, carried out: an action with its payload, or a verb with its body. */
import type { Actor, StationView } from '@sigec/store';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { mayHaveArrived, versionOf } from './dispatch.js';
import type { Payload } from './effect.js';
import { type Performed, perform } from './perform.js';
import { isRefused } from './requests.js';
import { PASSWORD, writtenBy } from './setting.js';
import { findVerb } from './verbs/index.js';
import type { Answered, Planned, Verb } from './verbs/verb.js';
import { type Verdict, verdictOf } from './verdict.js';

/** One of action and verb is null. */
export interface Wish {
  readonly action: string | null;
  readonly verb: string | null;
  /** The payload of the action, or the body of the verb. */
  readonly payload: Payload;
}

export interface Granted extends Verdict {
  /** The last message that was sent. */
  readonly sent: Performed;
  readonly action: string;
  readonly items?: readonly Payload[] | undefined;
  /** What comes in later messages is gathered under it. */
  readonly requestId: number | undefined;
}

export interface WishOptions {
  /** Until the charger has answered, ms. */
  readonly timeoutMs: number;
  /** The command of the queue that it is an attempt of. */
  readonly commandId?: number;
  /** Called as something leaves: what fails before that surely did not arrive. */
  readonly leaving?: () => void;
}

/** @throws {ProblemError} `not-found` */
export function requireVerb(name: string): Verb {
  const verb = findVerb(name);
  if (verb === undefined) throw new ProblemError('not-found', { errors: [{ field: 'verb', message: 'is not known' }] });
  return verb;
}

async function plan(services: Services, actor: Actor, station: StationView, wish: Wish): Promise<readonly Planned[]> {
  if (wish.verb === null) return [{ action: wish.action ?? '', payload: wish.payload }];
  return requireVerb(wish.verb).prepare({ services, actor, station }, versionOf(station), wish.payload);
}

/**
 * Sends what the wish becomes, in order, within its time.
 * @throws {ProblemError} for whatever is not an answer of the charger
 */
export async function grant(
  services: Services,
  actor: Actor,
  station: StationView,
  wish: Wish,
  { timeoutMs, commandId, leaving }: WishOptions,
): Promise<Granted> {
  const deadline = services.clock.monotonic() + timeoutMs;
  const planned = await plan(services, actor, station, wish);
  const answers: Answered[] = [];
  let sent: Performed | undefined;
  for (const { action, payload } of planned) {
    const left = Math.max(1, Math.min(timeoutMs, deadline - services.clock.monotonic()));
    sent = await perform(services, actor, station, { action, payload, timeoutMs: left, commandId, leaving });
    answers.push({ action, payload: sent.payload, response: sent.response });
  }
  const last = answers.at(-1);
  if (sent === undefined || last === undefined) throw new ProblemError('internal');
  const { request_id } = sent.beside;
  const requestId = typeof request_id === 'number' ? request_id : undefined;
  const verdict = wish.verb === null ? verdictOf(sent.response) : requireVerb(wish.verb).answer(answers, wish.payload);
  // What is unknown to us is a yes to a request: its report will tell.
  const accepted = requestId === undefined ? verdict.accepted : !isRefused(sent.response.status);
  return { ...verdict, accepted, sent, action: last.action, requestId };
}

/** Whether it surely never reached the charger, and the same may succeed later. */
export const isUndelivered = (error: unknown): boolean =>
  error instanceof ProblemError && error.temporary && !mayHaveArrived(error);

const named = (value: unknown, name: string): boolean =>
  typeof value === 'string' && value.toLowerCase() === name.toLowerCase();

/** Whether it writes the password of the station, which is kept nowhere in clear. */
export function holdsPassword({ action, verb, payload }: Wish): boolean {
  if (verb === 'write-configuration') {
    const items = Array.isArray(payload.items) ? (payload.items as readonly (Payload | null)[]) : [];
    return items.some((item) => named(item?.key, PASSWORD.key) || named(item?.variable, PASSWORD.variable));
  }
  if (action === null) return false;
  const connection = payload.connectionData as Payload | null | undefined;
  return writtenBy(action, payload, PASSWORD) !== undefined || connection?.basicAuthPassword !== undefined;
}
