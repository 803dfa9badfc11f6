/** Handlers of grid control (DER), battery swap, display messages, tariffs and payments: a file for each action. */
import type { Family } from '../../handler.js';
import { batterySwap21 } from './battery-swap.js';
import { notifyDERAlarm21 } from './notify-der-alarm.js';
import { notifyDERStartStop21 } from './notify-der-start-stop.js';
import { notifyDisplayMessages2x } from './notify-display-messages.js';
import { notifySettlement21 } from './notify-settlement.js';
import { reportDERControl21 } from './report-der-control.js';
import { vatNumberValidation21 } from './vat-number-validation.js';

export const energy: Family = {
  of16: [],
  of2x: [notifyDisplayMessages2x],
  of21: [
    batterySwap21,
    notifyDERAlarm21,
    notifyDERStartStop21,
    notifySettlement21,
    reportDERControl21,
    vatNumberValidation21,
  ],
};
