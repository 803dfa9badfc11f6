/** ReservationStatusUpdate: a reservation ended without a session (2.x H04). */
import { CallRefused, define } from '../../handler.js';
import { moveReservation, needsReservation } from './reservations.js';

const STATUS: Readonly<Record<string, 'expired' | 'removed' | 'no_transaction'>> = {
  Expired: 'expired',
  Removed: 'removed',
  // 2.1: it was used, and no transaction came of it.
  NoTransaction: 'no_transaction',
};

export const reservationStatusUpdate2x = define('ocpp2.0.1', 'ReservationStatusUpdate', {
  kind: 'durable',
  needs: ({ stationId, payload }, needs) => needsReservation(needs, stationId, payload.reservationId),
  handle({ stationId, payload }, unit) {
    const { reservationId, reservationUpdateStatus } = payload;
    const reservation = unit.found('reservation', { stationId, reservationId });
    if (reservation === undefined) throw new CallRefused('property', 'reservationId: no such reservation');
    moveReservation(unit, reservation, STATUS[reservationUpdateStatus] ?? 'removed');
    return {};
  },
});
