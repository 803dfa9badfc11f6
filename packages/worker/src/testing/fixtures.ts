/** For tests: settings, silent loggers, uplink items, and waiting for something to hold. */
import { type CallItem, UPLINK } from '@sigec/contract';
import { DEFAULT_TARIFF } from '@sigec/domain';
import { findAction, isOcppVersion, type OcppVersion } from '@sigec/ocpp';
import { createLogger, type Logger } from '@sigec/runtime';
import type { From, Outcome } from '../outcome.js';
import type { WorkerSettings } from '../settings.js';

export const SETTINGS: WorkerSettings = {
  heartbeatInterval: 300,
  registerUnknownIn: null,
  flap: { limit: 60, blockMs: 900_000 },
  batchMax: 256,
  parallelBatches: 2,
  messageLifetimeMs: 30_000,
  messageLog: true,
  messageLogDays: 30,
  meterSampleDays: 30,
  tariff: DEFAULT_TARIFF,
};

/** A logger that keeps its lines, as JSON texts. */
export function memoryLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const logger = createLogger({ role: 'test', level: 'trace', destination: { write: (line) => lines.push(line) } });
  return { logger, lines };
}

let sequence = 0;

export interface ItemOptions {
  readonly station?: number;
  readonly epoch?: number;
  readonly kind?: CallItem['kind'];
  readonly at?: number;
  readonly id?: string;
  readonly seq?: number;
}

const isSend = (version: string, action: string): boolean =>
  isOcppVersion(version) && findAction(version, action)?.kind === 'send';

/** A CALL as an edge sends it up, or a SEND where the action is one. A payload that is text stands as it is. */
export function callItem(
  version: OcppVersion | string,
  action: string,
  payload: object | string,
  options: ItemOptions = {},
): CallItem {
  const seq = options.seq ?? ++sequence;
  return {
    kind: options.kind ?? (isSend(version, action) ? UPLINK.send : UPLINK.call),
    seq,
    stationId: options.station ?? 1,
    epoch: options.epoch ?? 1,
    version,
    id: options.id ?? `m${seq}`,
    action,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    at: options.at ?? Date.now(),
  };
}

export const from = <Item>(item: Item, edgeId = 'e1'): From<Item> => ({ edgeId, item, since: Date.now() });

/** The payload of an answer, or the code of a CALLERROR, by the message id. */
export function answersOf(outcomes: readonly Outcome[]): Map<string, unknown> {
  return new Map(
    outcomes.map(({ from: { item }, type, text }) => {
      if (type === 'stale') return [item.id, 'stale'];
      const body = JSON.parse(text) as { code?: string };
      return [item.id, type === 'error' ? body.code : body];
    }),
  );
}

/** Waits until something holds; the bound is for what never does. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 5) {
    if (waited > 60_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
