/** Handlers of firmware, diagnostics, logs, and customer information: a file for each action. */
import type { Family } from '../../handler.js';
import { notifyCustomerInformation2x } from './customer-information.js';
import { diagnosticsStatusNotification16 } from './diagnostics-status.js';
import {
  firmwareStatusNotification2x,
  firmwareStatusNotification16,
  signedFirmwareStatusNotification16,
} from './firmware-status.js';
import { logStatusNotification2x, logStatusNotification16 } from './log-status.js';
import { publishFirmwareStatusNotification2x } from './publish-firmware-status.js';

export const firmware: Family = {
  of16: [
    diagnosticsStatusNotification16,
    firmwareStatusNotification16,
    logStatusNotification16,
    signedFirmwareStatusNotification16,
  ],
  of2x: [
    firmwareStatusNotification2x,
    logStatusNotification2x,
    notifyCustomerInformation2x,
    publishFirmwareStatusNotification2x,
  ],
  of21: [],
};
