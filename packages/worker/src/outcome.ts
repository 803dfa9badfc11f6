/** What became of one charger message, as the frame that answers it. */
import type { CallItem } from '@sigec/contract';
import { UPLINK } from '@sigec/contract';
import { writeError, writeResult } from '@sigec/ocpp';
import type { Refusal } from './parse.js';

/** An uplink item and the edge that waits for its reply. */
export interface From<Item> {
  readonly edgeId: string;
  readonly item: Item;
  /** When it reached this worker, by this worker's clock, ms since 1970. */
  readonly since: number;
}

/** `frame` null: the message came from a session that is not the station's newest any more. */
export interface Outcome {
  readonly from: From<CallItem>;
  readonly type: 'result' | 'error' | 'stale';
  readonly frame: string;
  /** Payload of the answer, for the log. */
  readonly text: string;
  readonly booted: -1 | 0 | 1;
}

export function answered(from: From<CallItem>, response: object, booted: -1 | 0 | 1): Outcome {
  const text = JSON.stringify(response);
  return { from, type: 'result', frame: writeResult(from.item.id, text), text, booted };
}

export function refused(from: From<CallItem>, { code, description, details }: Refusal): Outcome {
  const text = JSON.stringify({ code, description, details });
  return { from, type: 'error', frame: writeError(from.item.id, code, description, details), text, booted: -1 };
}

export function stale(from: From<CallItem>): Outcome {
  return { from, type: 'stale', frame: '', text: '', booted: -1 };
}

/** A SEND of 2.1 is never answered with a frame (part 4, 4.2.5). */
export const wantsFrame = (item: CallItem): boolean => item.kind === UPLINK.call;
