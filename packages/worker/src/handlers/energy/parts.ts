/**
 * Reports in parts that have no number (2.x O03, 2.1 R04): one CALL at a time and in order, so a part that comes again is
 * the last one that came, and known by what it holds.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Call, CallRefused } from '../../handler.js';
import type { Needs } from '../../needs.js';
import type { Unit } from '../../unit.js';
import { moveRequest, needsRequest, requestOf } from '../requests.js';

interface Part {
  readonly requestId: number;
  readonly tbc?: boolean | undefined;
  readonly items: readonly unknown[];
}

/** How many parts one report may have: a station that never ends is cut off. */
const MOST_PARTS = 1000;

export function needsUnnumbered(call: Call<unknown>, needs: Needs, requestId: number): void {
  needsRequest(call, needs, requestId);
  needs.look('lastPart', { stationId: call.stationId, requestId });
}

/**
 * Takes a part of the answer to `action`.
 * @returns the request's own id, and whether this was its last part; undefined where the part came before, or its request
 * has ended: then nothing more is to be done
 * @throws {CallRefused} where the station was not asked so
 */
export function takeUnnumbered(
  call: Call<unknown>,
  unit: Unit,
  action: string,
  { requestId, tbc, items }: Part,
): { readonly request: number; readonly last: boolean } | undefined {
  const request = requestOf(call, unit, requestId, [action]);
  if (request.endedAt !== null) return undefined;
  const key = { stationId: call.stationId, requestId };
  const last = tbc !== true;
  if (request.parts > 0 && !last && isDeepStrictEqual(unit.found('lastPart', key), items)) return undefined;
  if (request.parts >= MOST_PARTS) throw new CallRefused('occurrence', 'tbc: too many parts');
  unit.know('lastPart', key, items);
  unit.add('requestPart', { request: request.id, seqNo: request.parts, items, receivedAt: call.receivedAt });
  const now = { ...request, parts: request.parts + 1 };
  moveRequest(unit, now, last ? 'complete' : 'running', null);
  return { request: request.id, last };
}
