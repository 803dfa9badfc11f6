/** The room of commands that are the same in every version but for their field names. */
import { randomUUID } from 'node:crypto';
import type { ChargingStation } from './charging.js';
import type { Evse, IdToken } from './evse.js';
import { FieldError, type JsonObject } from './json.js';
import type { Reply } from './link.js';
import { type Profile, readProfile } from './profiles.js';

/** An answer of one status word. */
export const say = (status: string, after?: () => void): Reply => ({ answer: { status }, after });

/** The EVSE of an id, or undefined; 0 is none. */
export const evseOf = (station: ChargingStation, id: number | undefined): Evse | undefined =>
  id === undefined ? undefined : station.evses[id - 1];

/** ChangeAvailability: of one EVSE, or of all where `evseId` is undefined. */
export function changeAvailability(station: ChargingStation, evseId: number | undefined, operative: boolean): Reply {
  const evse = evseOf(station, evseId);
  if (evseId !== undefined && evse === undefined) return say('Rejected');
  return say(station.setOperative(evse === undefined ? station.evses : [evse], operative), () =>
    station.reportChanged(),
  );
}

export interface ReserveRequest {
  id: number;
  evseId: number | undefined;
  token: IdToken;
  groupId: string | undefined;
  expiresMs: number;
  expired: (evse: Evse) => void;
}

/** ReserveNow (1.6 5.13, 2.x H01). */
export function reserveNow(station: ChargingStation, r: ReserveRequest): Reply {
  if (r.expiresMs <= Date.now()) return say('Rejected');
  const replaces = (evse: Evse) => evse.reservation?.id === r.id;
  const evse =
    r.evseId === undefined
      ? (station.evses.find(replaces) ?? station.evses.find((e) => station.hindrance(e, r.token) === null))
      : evseOf(station, r.evseId);
  if (evse === undefined) return say(r.evseId === undefined ? 'Occupied' : 'Rejected');
  if (evse.status === 'Faulted') return say('Faulted');
  if (!evse.operative || evse.status === 'Unavailable') return say('Unavailable');
  if (evse.charge !== null || (evse.reservation !== null && !replaces(evse))) return say('Occupied');
  const reservation = { id: r.id, idToken: r.token.idToken, groupId: r.groupId };
  return say('Accepted', () => station.reserve(evse, reservation, r.expiresMs, () => r.expired(evse)));
}

/** CancelReservation (1.6 5.2, 2.x H02). */
export function cancelReservation(station: ChargingStation, id: number): Reply {
  if (!station.evses.some((evse) => evse.reservation?.id === id)) return say('Rejected');
  return say('Accepted', () => {
    station.unreserve(id);
  });
}

/** SetChargingProfile (1.6 5.16, 2.x K01). `evseId` 0 is the whole station. */
export function takeProfile(station: ChargingStation, raw: JsonObject, evseId: number): Reply {
  const profile = readProfile(raw, evseId);
  const evse = evseOf(station, evseId);
  if (evseId !== 0 && evse === undefined) return say('Rejected');
  if (/MaxProfile$|ExternalConstraints$/.test(profile.purpose) && evseId !== 0) return say('Rejected');
  if (profile.purpose === 'TxProfile') {
    if (evse?.charge == null) return say('Rejected');
    const running = station.place(evse).transactionId;
    if (profile.transactionId !== undefined && profile.transactionId !== running) return say('Rejected');
  }
  // What has flowed so far flowed under the old limit.
  for (const each of station.evses) station.integrate(each);
  if (!station.profiles.set(profile)) return say('Rejected');
  return say('Accepted', () => {
    for (const each of station.evses) station.integrate(each);
  });
}

/** The profile a remote start brings: a TxProfile without a transaction id, as there is none yet. */
export function remoteProfile(raw: JsonObject | undefined, evseId: number): Profile | undefined {
  if (raw === undefined) return undefined;
  const profile = readProfile(raw, evseId);
  if (profile.purpose !== 'TxProfile') throw new FieldError('chargingProfilePurpose', 'value', 'TxProfile');
  return { ...profile, transactionId: undefined };
}

/** Runs after a remote start was answered: asks for the token where configured, then charges. */
export function startRemotely(
  station: ChargingStation,
  evse: Evse,
  r: { token: IdToken; askFirst: boolean; remoteStartId?: number; profile: Profile | undefined },
): void {
  station.background(async () => {
    if (r.askFirst) {
      const status = await station.authorize(r.token);
      if (status !== 'Accepted') return;
    }
    if (r.profile !== undefined) station.profiles.set(r.profile);
    station.startTransaction({ evse: evse.id, idToken: r.token, remote: true, remoteStartId: r.remoteStartId });
  });
}

/** A transaction id of 2.x: unique for ever, 36 characters. */
export const newTransactionId = (): string => randomUUID();
