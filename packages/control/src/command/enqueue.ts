/** Commands that wait until their station is back: whether they may, and how they are put there. */
import { isOcppVersion, loadVersion, OCPP_VERSIONS, type OcppVersion } from '@sigec/ocpp';
import {
  type Actor,
  type CommandView,
  type Database,
  enqueueCommand,
  findIdToken,
  getCommand,
  hasQueued,
  type StationView,
} from '@sigec/store';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { checkCommand, commandsOf } from './dispatch.js';
import type { Payload } from './effect.js';
import { effectsOf } from './effects.js';
import { REQUEST_ACTIONS, tracked } from './requests.js';
import { start as START } from './verbs/transactions.js';
import { type Granted, grant, holdsPassword, isUndelivered, requireVerb, type Wish } from './wish.js';

export interface AskOptions {
  readonly timeoutMs: number;
  /** How long it may wait for the station; undefined: not at all. */
  readonly queueS?: number | undefined;
}

export type Asked = { readonly granted: Granted } | { readonly queued: CommandView };

/**
 * Carries a wish out now, or where the station is away and the wish may wait, when it is back. It goes behind those that
 * wait already.
 * @throws {ProblemError} how it ended, where it was not put into the queue
 */
export async function ask(
  services: Services,
  actor: Actor,
  station: StationView,
  wish: Wish,
  { timeoutMs, queueS }: AskOptions,
): Promise<Asked> {
  if (queueS === undefined) return { granted: await grant(services, actor, station, wish, { timeoutMs }) };
  const wait = async () => ({ queued: await enqueue(services, actor, station, wish, { timeoutMs, queueS }) });
  if (!station.online || (await hasQueued(services.db, station.id))) return wait();
  try {
    return { granted: await grant(services, actor, station, wish, { timeoutMs }) };
  } catch (error) {
    if (!isUndelivered(error)) throw error;
    return wait();
  }
}

/** The numbers of requests are ours: each attempt has a fresh one. */
export function unnumbered(wish: Wish): Wish {
  if (wish.action === null || !REQUEST_ACTIONS.includes(wish.action)) return wish;
  const { requestId: _number, ...payload } = wish.payload;
  return { ...wish, payload };
}

/** Whether something is filled in when it is sent, so that it cannot be checked before. */
const isFilled = (action: string): boolean =>
  effectsOf(action).some((effect) => effect !== tracked && effect.fill !== undefined);

/** A number in the place of the one that is filled in. */
const numbered = (action: string, payload: Payload): Payload =>
  REQUEST_ACTIONS.includes(action) ? { requestId: 1, ...payload } : payload;

function refusePassword(wish: Wish): void {
  if (!holdsPassword(wish)) return;
  const message = 'holds the password of the device, which is not kept: it has its own route, credentials/rotate';
  throw new ProblemError('validation', { errors: [{ field: '', message }] });
}

/** What waits is sent in the network's name: it must not vouch later for a token that whoever asks could not vouch for now. */
async function refuseUnknownToken(db: Database, actor: Actor, { verb, payload }: Wish): Promise<void> {
  if (actor.reach === undefined || verb !== START.name) return;
  const { id_token: value } = payload;
  if (typeof value === 'string' && (await findIdToken(db, actor, value)) !== undefined) return;
  throw new ProblemError('validation', { errors: [{ field: 'id_token', message: 'must be a token that is known' }] });
}

/** Checks what can be known before it is sent. */
async function check(services: Services, actor: Actor, station: StationView, wish: Wish): Promise<void> {
  refusePassword(wish);
  await refuseUnknownToken(services.db, actor, wish);
  const version = station.ocppVersion ?? station.defaultVersion;
  if (wish.verb !== null) {
    const verb = requireVerb(wish.verb);
    if (isOcppVersion(version)) await verb.prepare({ services, actor, station }, version, wish.payload);
    else verb.check(wish.payload);
    return;
  }
  const action = wish.action ?? '';
  if (!isOcppVersion(version)) return checkAnyVersion(action, wish.payload);
  if (isFilled(action)) {
    if (!commandsOf(version).includes(action)) await checkCommand(station, action, wish.payload);
    return;
  }
  try {
    await checkCommand(station, action, wish.payload);
  } catch (error) {
    if (!REQUEST_ACTIONS.includes(action)) throw error;
    await checkCommand(station, action, numbered(action, wish.payload));
  }
}

/**
 * Checks an action where the versions of the stations differ, or are not known: some version must take it.
 * @throws {ProblemError} `unknown-action`, `validation`
 */
export async function checkAnyVersion(action: string, payload: Payload): Promise<void> {
  const having = OCPP_VERSIONS.filter((version) => commandsOf(version).includes(action));
  if (having.length === 0) throw new ProblemError('unknown-action');
  if (isFilled(action)) return;
  let refusal = '';
  for (const version of having) {
    const codec = await loadVersion<OcppVersion>(version);
    for (const tried of [payload, numbered(action, payload)]) {
      const verdict = codec.validateRequest(action, tried, { strict: true });
      if (verdict.ok) return;
      refusal = verdict.description;
    }
  }
  throw new ProblemError('validation', { errors: [{ field: 'payload', message: refusal }] });
}

/** The same for a wish of a batch. */
export async function checkWish(db: Database, actor: Actor, wish: Wish): Promise<void> {
  refusePassword(wish);
  await refuseUnknownToken(db, actor, wish);
  if (wish.verb === null) await checkAnyVersion(wish.action ?? '', wish.payload);
  else requireVerb(wish.verb).check(wish.payload);
}

/** @throws {ProblemError} `charger-busy` where too many wait for the station, or why it could never go out */
export async function enqueue(
  services: Services,
  actor: Actor,
  station: StationView,
  wish: Wish,
  { timeoutMs, queueS }: { readonly timeoutMs: number; readonly queueS: number },
): Promise<CommandView> {
  await check(services, actor, station, wish);
  const { db } = services;
  const made = { ...unnumbered(wish), stationId: station.id, timeoutMs, expiresInS: queueS };
  const id = await enqueueCommand(db, actor, made);
  const command = id === undefined ? undefined : await getCommand(db, actor, id);
  if (command === undefined) throw new ProblemError('charger-busy', { headers: { 'retry-after': '60' } });
  return command;
}
