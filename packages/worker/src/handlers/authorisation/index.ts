/** Handlers of tokens and their groups, local lists, reservations: a file for each action. */
import type { Family } from '../../handler.js';
import { reservationStatusUpdate2x } from './reservation-status-update.js';

export const authorisation: Family = { of16: [], of2x: [reservationStatusUpdate2x], of21: [] };
