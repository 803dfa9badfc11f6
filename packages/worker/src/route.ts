/** The routing table: version and action to handler. */
import type { OcppVersion } from '@sigec/ocpp';
import type { AnyHandler } from './handler.js';
import { authorize2x, authorize16 } from './handlers/authorize.js';
import { bootNotification2x, bootNotification16 } from './handlers/boot-notification.js';
import { dataTransfer2x, dataTransfer16 } from './handlers/data-transfer.js';
import { heartbeat2x, heartbeat16 } from './handlers/heartbeat.js';
import { meterValues2x, meterValues16 } from './handlers/meter-values.js';
import { startTransaction16 } from './handlers/start-transaction.js';
import { statusNotification2x, statusNotification16 } from './handlers/status-notification.js';
import { stopTransaction16 } from './handlers/stop-transaction.js';
import { transactionEvent2x } from './handlers/transaction-event.js';

const table = (...handlers: AnyHandler[]): ReadonlyMap<string, AnyHandler> =>
  new Map(handlers.map((handler) => [handler.action, handler]));

const OF_16 = table(
  authorize16,
  bootNotification16,
  dataTransfer16,
  heartbeat16,
  meterValues16,
  startTransaction16,
  statusNotification16,
  stopTransaction16,
);

const OF_2X = table(
  authorize2x,
  bootNotification2x,
  dataTransfer2x,
  heartbeat2x,
  meterValues2x,
  statusNotification2x,
  transactionEvent2x,
);

export const ROUTES: Readonly<Record<OcppVersion, ReadonlyMap<string, AnyHandler>>> = {
  'ocpp1.6': OF_16,
  'ocpp2.0.1': OF_2X,
  'ocpp2.1': OF_2X,
};
