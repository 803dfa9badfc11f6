/**
 * Answers that come in messages of their own: which request they belong to, each part once, and the end. A message about
 * a request that nobody made is refused (2.x: PropertyConstraintViolation), and leaves nothing behind.
 */
import type { RequestState, RequestStatus } from '@sigec/store';
import { type Call, CallRefused } from '../handler.js';
import type { Needs } from '../needs.js';
import type { Unit } from '../unit.js';

export interface PartOf {
  readonly requestId: number;
  /** From 0. */
  readonly seqNo: number;
  /** Whether more follows; absent means no (2.x: tbc defaults to false). */
  readonly tbc?: boolean | undefined;
  /** What this part holds, as REST shows it. */
  readonly items: readonly unknown[];
}

/** States that a part of an answer will be taken. */
export function needsRequest({ stationId }: Call<unknown>, needs: Needs, requestId: number): void {
  needs.look('request', { stationId, requestId });
}

/**
 * The request that a message names.
 * @throws {CallRefused} where the station was not asked so by one of `actions`
 */
export function requestOf(
  { stationId }: Call<unknown>,
  unit: Unit,
  requestId: number,
  actions: readonly string[],
): RequestState {
  const request = unit.found('request', { stationId, requestId });
  if (request !== undefined && actions.includes(request.action)) return request;
  throw new CallRefused('property', 'requestId: no such request');
}

/**
 * Takes a part of an answer.
 * @returns false where it was taken before: then nothing more is to be done with it
 * @throws {CallRefused} as {@link requestOf}
 */
export function takePart(call: Call<unknown>, unit: Unit, actions: readonly string[], part: PartOf): boolean {
  const request = requestOf(call, unit, part.requestId, actions);
  // One CALL at a time and in order, so a number below is a message that is said again.
  if (part.seqNo < request.parts) return false;
  const { items, seqNo } = part;
  unit.add('requestPart', { request: request.id, seqNo, items, receivedAt: call.receivedAt });
  moveRequest(unit, { ...request, parts: seqNo + 1 }, part.tbc === true ? 'running' : 'complete', null);
  return true;
}

/** Moves a request on; one that has ended stays as it ended. */
export function moveRequest(unit: Unit, request: RequestState, status: RequestStatus, detail: string | null): void {
  if (request.endedAt !== null) return;
  const ended = status === 'complete' || status === 'rejected' || status === 'failed' || status === 'expired';
  const now: RequestState = { ...request, status, detail, endedAt: ended ? unit.now : null };
  const { stationId, requestId, action } = request;
  unit.know('request', { stationId, requestId }, now);
  unit.know('openRequest', { stationId, action }, ended ? undefined : now);
  unit.add('requestState', now);
  unit.tell(stationId, `request.${status}`, { request_id: requestId, action, detail });
}
