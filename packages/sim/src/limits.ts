/** The room of limits that somebody else than the CSMS sets: the station keeps to them, and 2.x tells of them (K12, K13). */
import type { ChargingStation } from './charging.js';
import type { JsonObject } from './json.js';

/** Ids of such profiles are below zero, out of the way of the CSMS's. */
const FIRST_ID = -1000;

export function limitExternally(station: ChargingStation, watts: number | null, evseId: number, source: string): void {
  if (evseId !== 0) station.evse(evseId);
  for (const evse of station.evses) station.integrate(evse);
  const purpose = 'ChargingStationExternalConstraints';
  station.profiles.clear((p) => p.purpose === purpose && p.evseId === evseId);
  const period = { startPeriod: 0, limit: watts ?? 0 };
  const schedule: JsonObject = { id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [period] };
  if (watts !== null) {
    const id = FIRST_ID - evseId;
    const raw = { id, stackLevel: 0, chargingProfilePurpose: purpose, chargingProfileKind: 'Absolute' };
    station.profiles.set({
      ...{ id, evseId, stackLevel: 0, purpose, kind: 'Absolute', unit: 'W' },
      ...{ recurrency: undefined, validFrom: undefined, validTo: undefined, transactionId: undefined },
      ...{ startMs: undefined, durationS: undefined, periods: [{ startS: 0, limit: watts, phases: 3 }] },
      raw: { ...raw, chargingSchedule: [schedule] },
    });
  }
  for (const evse of station.evses) station.integrate(evse);
  if (station.o.version === '1.6') return;
  const place: JsonObject = evseId === 0 ? {} : { evseId };
  const limit = { chargingLimitSource: source, isGridCritical: false };
  const payload: JsonObject =
    watts === null
      ? { chargingLimitSource: source, ...place }
      : { chargingLimit: limit, chargingSchedule: [schedule], ...place };
  station.background(() => station.send(watts === null ? 'ClearedChargingLimit' : 'NotifyChargingLimit', payload));
}
