/**
 * Jobs that a charger was asked for and tells of in single words (firmware, logs): which request a word belongs to, and
 * what it makes of it. Words of jobs that nobody asked for are kept by themselves, as chargers do some of their own accord;
 * a number that nobody gave is refused.
 */
import type { RequestState, RequestStatus } from '@sigec/store';
import type { Call } from '../../handler.js';
import type { Needs } from '../../needs.js';
import type { Unit } from '../../unit.js';
import { moveRequest, needsRequest, requestOf } from '../requests.js';

/** More words than these of one job change it, and are not kept one by one. */
export const MAX_WORDS = 200;
const MAX_INFO = 600;

export interface Word {
  readonly status: string;
  readonly requestId?: number | undefined;
  /** 2.1. */
  readonly statusInfo?: { readonly reasonCode: string; readonly additionalInfo?: string | undefined } | undefined;
}

export interface JobKind {
  /** Actions that ask for it, the likelier first. */
  readonly actions: readonly string[];
  readonly done: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  /** Of the event stream. */
  readonly event: string;
}

export function needsJob(call: Call<Word>, needs: Needs, { actions }: JobKind): void {
  if (call.payload.requestId !== undefined) needsRequest(call, needs, call.payload.requestId);
  else for (const action of actions) needs.look('openRequest', { stationId: call.stationId, action });
}

/** The charger's reason, as text. */
export function infoOf({ statusInfo }: Word): string | null {
  if (statusInfo === undefined) return null;
  const { reasonCode, additionalInfo } = statusInfo;
  return (additionalInfo === undefined ? reasonCode : `${reasonCode}: ${additionalInfo}`).slice(0, MAX_INFO);
}

/**
 * Takes a word of a job: the request is running, or at its end. Twice the same word is once; after the end nothing changes.
 * @returns the request as it was before, where there is one that this word moves
 * @throws {CallRefused} where the number was never given to such a request
 */
export function takeWord(call: Call<Word>, unit: Unit, kind: JobKind): RequestState | undefined {
  const { stationId, payload } = call;
  const { status, requestId } = payload;
  const open = () => kind.actions.map((action) => unit.found('openRequest', { stationId, action }));
  const request = requestId === undefined ? newest(open()) : requestOf(call, unit, requestId, kind.actions);
  // Idle is the answer to a trigger: no job is under way, which ends none that is asked for and not begun.
  if (request === undefined && status !== 'Idle') keepUnasked(call, unit, kind);
  if (request === undefined || request.endedAt !== null || status === 'Idle') return undefined;
  if (request.parts > 0 && request.detail === status) return undefined;
  const next: RequestStatus = kind.done.has(status) ? 'complete' : kind.failed.has(status) ? 'failed' : 'running';
  moveRequest(unit, { ...request, parts: Math.min(request.parts + 1, MAX_WORDS) }, next, status);
  return request;
}

/** Of its own accord, or asked by somebody else: nothing here waits for it. */
function keepUnasked({ stationId, action, payload, receivedAt: at }: Call<Word>, unit: Unit, { event }: JobKind): void {
  const { status } = payload;
  unit.add('unaskedWord', { stationId, at, action, status, info: infoOf(payload) });
  unit.tell(stationId, event, { request_id: null, status });
}

function newest(requests: readonly (RequestState | undefined)[]): RequestState | undefined {
  return requests.reduce(
    (best, one) => (one !== undefined && (best === undefined || one.id > best.id) ? one : best),
    undefined,
  );
}
