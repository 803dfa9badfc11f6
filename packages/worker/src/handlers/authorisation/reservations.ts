/** Reservations as messages of chargers move them. */
import type { ReservationState, ReservationStatus } from '@sigec/store';
import type { Needs } from '../../needs.js';
import type { Unit } from '../../unit.js';
import { INT32_MAX } from '../../whole.js';

export function needsReservation(needs: Needs, stationId: number, reservationId: number | undefined): void {
  if (isNumber(reservationId)) needs.look('reservation', { stationId, reservationId });
}

/** Numbers that none of ours has need no look-up. */
export const isNumber = (reservationId: number | undefined): reservationId is number =>
  reservationId !== undefined && reservationId > 0 && reservationId <= INT32_MAX;

/** Moves a reservation on; one that has ended stays as it ended. */
export function moveReservation(
  unit: Unit,
  reservation: ReservationState,
  status: ReservationStatus,
  transactionId: number | null = reservation.transactionId,
): void {
  if (reservation.endedAt !== null) return;
  const now: ReservationState = { ...reservation, status, transactionId, endedAt: unit.now };
  const { stationId, reservationId } = reservation;
  unit.know('reservation', { stationId, reservationId }, now);
  unit.add('reservationState', now);
  unit.tell(stationId, `reservation.${status}`, {
    reservation_id: reservationId,
    transaction_id: transactionId === null ? null : String(transactionId),
  });
}

/** A transaction that begins under a reservation uses it up (1.6 4.8, 2.x H03). */
export function useReservation(
  unit: Unit,
  stationId: number,
  reservationId: number | undefined,
  transactionId: number,
): void {
  if (!isNumber(reservationId)) return;
  unit.add('transactionDetail', { transactionId, reservationId });
  const held = unit.found('reservation', { stationId, reservationId });
  if (held !== undefined) moveReservation(unit, held, 'used', transactionId);
}
