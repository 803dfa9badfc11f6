/** Starting and stopping a transaction from afar, and waiting for what the charger then reports. */
import { randomInt } from 'node:crypto';
import { authorize, type TokenPlace } from '@sigec/domain';
import type { OcppVersion } from '@sigec/ocpp';
import {
  type Actor,
  attends,
  ensureIdToken,
  ensureUserToken,
  findIdToken,
  findStarted,
  getTransaction,
  type IdTokenRow,
  isTokenOwner,
  lastTransactionId,
  runningElsewhere,
  type StationView,
  type TransactionView,
} from '@sigec/store';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { type Dispatched, dispatch, versionOf } from './dispatch.js';

/** Longest idTag of OCPP 1.6 (CiString20Type). */
const MAX_ID_TAG = 20;

export interface StartRequest {
  readonly evseId: number;
  /** Value of a token; the person's own where absent. */
  readonly idToken?: string | undefined;
  readonly timeoutMs: number;
  readonly gone?: AbortSignal;
}

/** The token that a start at a station is for: the person's own where none is named. */
export async function tokenFor(
  services: Services,
  actor: Actor,
  value: string | undefined,
  stationId: number,
): Promise<IdTokenRow> {
  const { db, clock } = services;
  if (value === undefined) {
    if (actor.reach !== undefined) throw new ProblemError('validation', { errors: [UNNAMED] });
    // A login of somebody who was forgotten meanwhile is good for some minutes more.
    if (!(await isTokenOwner(db, actor, actor.userId))) throw new ProblemError('forbidden');
    return permitted(await ensureUserToken(db, actor), clock.now());
  }
  if (actor.role === 'user') {
    const known = await findIdToken(db, actor, value);
    // Whoever attends the station starts for others there, and makes no token that would be good elsewhere too.
    const theirs = known?.userId === actor.userId || (await attends(db, actor, stationId));
    if (known === undefined || !theirs) throw new ProblemError('forbidden', { errors: [FOREIGN] });
    return permitted(known, clock.now());
  }
  // An operator who names a token vouches for it: were it left unknown, the charger would be told to stop at once.
  const { token } = await ensureIdToken(db, actor, { value, type: 'Central' });
  return permitted(token, clock.now());
}

/** Whoever attends stations starts for others there: for themselves they do as drivers do. */
const UNNAMED = { field: 'id_token', message: 'must be given' };
const FOREIGN = { field: 'id_token', message: 'is not a token of yours' };

function permitted(token: IdTokenRow, now: number, place?: TokenPlace): IdTokenRow {
  const verdict = authorize({ ...token, expiresAt: token.expiresAt?.getTime() ?? null }, now, place);
  if (verdict === 'Accepted') return token;
  throw new ProblemError('start-rejected', {
    detail: { pt: `Token recusado: ${verdict}.`, en: `Token refused: ${verdict}.` },
    extra: { id_token_status: verdict },
  });
}

/** What the charger would be told when it has begun, and would stop for. */
async function requireHere(
  { db, clock }: Services,
  actor: Actor,
  station: StationView,
  evseId: number,
  token: IdTokenRow,
): Promise<void> {
  // Most tokens are limited by nothing.
  if (token.limits === null && token.maxConcurrent === null) return;
  const at = { stationId: station.id, evseId };
  const running = token.maxConcurrent === null ? 0 : await runningElsewhere(db, actor, token.value, at);
  const outlets = station.connectors.flatMap((plug) =>
    plug.evseId > 0 && plug.type !== null ? [{ evseId: plug.evseId, type: plug.type }] : [],
  );
  permitted(token, clock.now(), { ...at, site: station.site, outlets, running });
}

export type StartToken = Pick<IdTokenRow, 'value' | 'type'>;

/** RemoteStartTransaction (1.6, section 5.11) or RequestStartTransaction (2.x, F02). */
export function startCommand(version: OcppVersion, evseId: number, token: StartToken, remoteStartId: number) {
  if (version !== 'ocpp1.6') {
    const idToken = { idToken: token.value, type: token.type ?? 'Central' };
    return { action: 'RequestStartTransaction', payload: { evseId, remoteStartId, idToken } };
  }
  if (token.value.length > MAX_ID_TAG) {
    const errors = [{ field: 'id_token', message: `OCPP 1.6 takes at most ${MAX_ID_TAG} characters` }];
    throw new ProblemError('validation', { errors });
  }
  return { action: 'RemoteStartTransaction', payload: { connectorId: evseId, idTag: token.value } };
}

/** RemoteStopTransaction (1.6, section 5.12) or RequestStopTransaction (2.x, F03). */
export function stopCommand(version: OcppVersion, ocppTransactionId: string) {
  return version === 'ocpp1.6'
    ? { action: 'RemoteStopTransaction', payload: { transactionId: Number(ocppTransactionId) } }
    : { action: 'RequestStopTransaction', payload: { transactionId: ocppTransactionId } };
}

/** Takes Accepted for yes and whatever else for no. */
function requireAccepted(code: 'start-rejected' | 'stop-rejected', sent: Dispatched): void {
  if (sent.response.status === 'Accepted') return;
  throw new ProblemError(code, {
    extra: { message_id: sent.messageId, response: sent.response },
    detail: { pt: 'O carregador recusou.', en: 'The charger refused.' },
  });
}

/**
 * Starts charging and waits for the transaction.
 * @returns the transaction that began, or undefined where the charger said yes and nothing began in time
 * @throws {ProblemError} `start-rejected`, or how the command ended
 */
export async function startTransaction(
  services: Services,
  actor: Actor,
  station: StationView,
  request: StartRequest,
): Promise<TransactionView | undefined> {
  const { db, gateway, waits, clock } = services;
  const { evseId, timeoutMs } = request;
  const deadline = clock.monotonic() + timeoutMs;
  const version = versionOf(station);
  const token = await tokenFor(services, actor, request.idToken, station.id);
  await requireHere(services, actor, station, evseId, token);
  const afterId = await lastTransactionId(db, actor, station.id);
  const trace = { stationId: station.id, evseId, idToken: token.value, afterId };
  const remoteStartId = randomInt(1, 2 ** 31);
  const { action, payload } = startCommand(version, evseId, token, remoteStartId);
  const sent = await dispatch(gateway, station, action, payload, timeoutMs);
  requireAccepted('start-rejected', sent);
  const { transactionId } = sent.response;
  const named = typeof transactionId === 'string' ? { ocppTransactionId: transactionId } : {};
  const own = version === 'ocpp1.6' ? {} : { remoteStartId, ...named };
  return waits.until(() => findStarted(db, actor, { ...trace, ...own }), deadline, request.gone);
}

/**
 * RemoteStopTransaction (1.6, section 5.12) or RequestStopTransaction (2.x, F03). One that has ended is given back.
 * @returns the transaction as it stands after the wait; `endedAt` is null where it still runs
 */
export async function stopTransaction(
  services: Services,
  actor: Actor,
  station: StationView,
  transaction: TransactionView,
  options: { readonly timeoutMs: number; readonly gone?: AbortSignal },
): Promise<TransactionView> {
  if (transaction.endedAt !== null) return transaction;
  const { db, gateway, waits, clock } = services;
  const deadline = clock.monotonic() + options.timeoutMs;
  const { action, payload } = stopCommand(versionOf(station), transaction.ocppTransactionId);
  const sent = await dispatch(gateway, station, action, payload, options.timeoutMs);
  let latest = transaction;
  const ended = async (): Promise<TransactionView | undefined> => {
    latest = (await getTransaction(db, actor, transaction.id)) ?? latest;
    return latest.endedAt === null ? undefined : latest;
  };
  // A charger that has just stopped by itself says no, and its end is on the way or here.
  if (sent.response.status !== 'Accepted' && (await ended()) === undefined) requireAccepted('stop-rejected', sent);
  await waits.until(ended, deadline, options.gone);
  return latest;
}
