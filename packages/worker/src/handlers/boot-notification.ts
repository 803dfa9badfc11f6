/** BootNotification: the station says what it is. 1.6 section 4.2; 2.x B01. */
import type { OcppVersion } from '@sigec/ocpp';
import { define } from '../handler.js';
import type { Unit } from '../unit.js';

interface Identity {
  readonly vendor: string;
  readonly model: string;
  readonly serialNumber: string | null;
  readonly firmwareVersion: string | null;
}

/** Share of the interval by which stations differ, either way. */
const SPREAD = 0.1;

/**
 * Stations that boot together, as after an outage, shall not beat together ever after: each has its own place within
 * 10 % about the interval, the same at every boot. Numbers that follow each other lie far apart (golden ratio).
 */
export function heartbeatSeconds(interval: number, stationId: number): number {
  const place = (Math.imul(stationId, 0x9e3779b1) >>> 0) / 2 ** 32;
  return Math.max(1, Math.round(interval * (1 + SPREAD * (2 * place - 1))));
}

/** A blocked station never gets here (its upgrade is refused), so who boots is accepted. */
function boot(unit: Unit, stationId: number, version: OcppVersion, identity: Identity) {
  unit.putBoot({ stationId, version, ...identity, registration: 'accepted', at: unit.now });
  unit.add('booted', { stationId });
  // What was asked for while it was away goes out now.
  unit.add('commandWake', { stationId });
  return {
    status: 'Accepted' as const,
    currentTime: new Date(unit.now).toISOString(),
    interval: heartbeatSeconds(unit.settings.heartbeatInterval, stationId),
  };
}

export const bootNotification16 = define('ocpp1.6', 'BootNotification', {
  kind: 'durable',
  booted: (response) => response.status === 'Accepted',
  handle: ({ stationId, version, payload }, unit) =>
    boot(unit, stationId, version, {
      vendor: payload.chargePointVendor,
      model: payload.chargePointModel,
      serialNumber: payload.chargePointSerialNumber ?? payload.chargeBoxSerialNumber ?? null,
      firmwareVersion: payload.firmwareVersion ?? null,
    }),
});

export const bootNotification2x = define('ocpp2.0.1', 'BootNotification', {
  kind: 'durable',
  booted: (response) => response.status === 'Accepted',
  handle: ({ stationId, version, payload: { chargingStation } }, unit) =>
    boot(unit, stationId, version, {
      vendor: chargingStation.vendorName,
      model: chargingStation.model,
      serialNumber: chargingStation.serialNumber ?? null,
      firmwareVersion: chargingStation.firmwareVersion ?? null,
    }),
});
