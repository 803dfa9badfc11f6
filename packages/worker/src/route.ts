/** The routing table: version and action to handler. */
import type { OcppVersion } from '@sigec/ocpp';
import type { AnyHandler, Family } from './handler.js';
import { authorisation } from './handlers/authorisation/index.js';
import { authorize2x, authorize16 } from './handlers/authorize.js';
import { bootNotification2x, bootNotification16 } from './handlers/boot-notification.js';
import { charging } from './handlers/charging/index.js';
import { commands } from './handlers/commands/index.js';
import { dataTransfer2x, dataTransfer16 } from './handlers/data-transfer.js';
import { deviceModel } from './handlers/device-model/index.js';
import { energy } from './handlers/energy/index.js';
import { firmware } from './handlers/firmware/index.js';
import { heartbeat2x, heartbeat16 } from './handlers/heartbeat.js';
import { meterValues2x, meterValues16 } from './handlers/meter-values.js';
import { security } from './handlers/security/index.js';
import { startTransaction16 } from './handlers/start-transaction.js';
import { statusNotification2x, statusNotification16 } from './handlers/status-notification.js';
import { stopTransaction16 } from './handlers/stop-transaction.js';
import { transactionEvent2x } from './handlers/transaction-event.js';

const core: Family = {
  of16: [
    authorize16,
    bootNotification16,
    dataTransfer16,
    heartbeat16,
    meterValues16,
    startTransaction16,
    statusNotification16,
    stopTransaction16,
  ],
  of2x: [
    authorize2x,
    bootNotification2x,
    dataTransfer2x,
    heartbeat2x,
    meterValues2x,
    statusNotification2x,
    transactionEvent2x,
  ],
  of21: [],
};

const FAMILIES = [core, deviceModel, security, charging, firmware, energy, authorisation, commands];

const table = (...of: readonly ('of16' | 'of2x' | 'of21')[]): ReadonlyMap<string, AnyHandler> =>
  new Map(FAMILIES.flatMap((family) => of.flatMap((part) => family[part])).map((handler) => [handler.action, handler]));

export const ROUTES: Readonly<Record<OcppVersion, ReadonlyMap<string, AnyHandler>>> = {
  'ocpp1.6': table('of16'),
  'ocpp2.0.1': table('of2x'),
  'ocpp2.1': table('of2x', 'of21'),
};
