/** Reserving and giving up, whichever version the charger speaks. */
import { type Actor, findIdToken, getReservation, type ReservationRow, type StationView } from '@sigec/store';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { versionOf } from './dispatch.js';
import { perform } from './perform.js';

export interface ReserveRequest {
  readonly evseId?: number | undefined;
  readonly connectorType?: string | undefined;
  readonly idToken: string;
  readonly groupId?: string | undefined;
  readonly expiresAt: Date;
  readonly timeoutMs: number;
}

type ReserveServices = Pick<Services, 'config' | 'db' | 'logger' | 'clock' | 'gateway'>;

/** Longest idTag of OCPP 1.6 (CiString20Type). */
const MAX_ID_TAG = 20;

const wrong = (field: string, message: string) => new ProblemError('validation', { errors: [{ field, message }] });

async function payloadOf(
  { db, clock }: ReserveServices,
  actor: Actor,
  station: StationView,
  request: ReserveRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const { evseId, connectorType, idToken, groupId, expiresAt } = request;
  if (expiresAt.getTime() <= clock.now()) throw wrong('expires_at', 'must be in the future');
  const expiry = expiresAt.toISOString();
  if (versionOf(station) === 'ocpp1.6') {
    if (idToken.length > MAX_ID_TAG) throw wrong('id_token', `OCPP 1.6 takes at most ${MAX_ID_TAG} characters`);
    if (connectorType !== undefined) throw wrong('connector_type', 'OCPP 1.6 reserves by connector only');
    // Connector 0 is any (1.6 5.13).
    return {
      ...{ connectorId: evseId ?? 0, expiryDate: expiry, idTag: idToken },
      ...(groupId !== undefined && { parentIdTag: groupId.slice(0, MAX_ID_TAG) }),
    };
  }
  const type = (await findIdToken(db, actor, idToken))?.type ?? 'Central';
  return {
    ...{ expiryDateTime: expiry, idToken: { idToken, type } },
    ...(evseId !== undefined && { evseId }),
    ...(connectorType !== undefined && { connectorType }),
    ...(groupId !== undefined && { groupIdToken: { idToken: groupId, type: 'Central' } }),
  };
}

/**
 * ReserveNow (1.6 5.13, 2.x H01).
 * @throws {ProblemError} `reservation-rejected`, or how the command ended
 */
export async function reserveNow(
  services: ReserveServices,
  actor: Actor,
  station: StationView,
  request: ReserveRequest,
): Promise<ReservationRow> {
  const payload = await payloadOf(services, actor, station, request);
  const { timeoutMs } = request;
  const sent = await perform(services, actor, station, { action: 'ReserveNow', payload, timeoutMs });
  if (sent.response.status !== 'Accepted')
    throw new ProblemError('reservation-rejected', { extra: { message_id: sent.messageId, response: sent.response } });
  const made = await getReservation(services.db, actor, station.id, Number(sent.beside.reservation_id));
  if (made === undefined) throw new Error('reservation: not there after it was made');
  return made;
}

/** CancelReservation (1.6 5.2, 2.x H02). One that has ended is given back as it is. */
export async function cancelReservation(
  services: ReserveServices,
  actor: Actor,
  station: StationView,
  held: ReservationRow,
  timeoutMs: number,
): Promise<ReservationRow> {
  if (held.endedAt !== null) return held;
  const { reservationId } = held;
  await perform(services, actor, station, { action: 'CancelReservation', payload: { reservationId }, timeoutMs });
  return (await getReservation(services.db, actor, station.id, reservationId)) ?? held;
}
