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

/** A blocked station never gets here (its upgrade is refused), so who boots is accepted. */
function boot(unit: Unit, stationId: number, version: OcppVersion, identity: Identity) {
  unit.putBoot({ stationId, version, ...identity, registration: 'accepted', at: unit.now });
  return {
    status: 'Accepted' as const,
    currentTime: new Date(unit.now).toISOString(),
    interval: unit.settings.heartbeatInterval,
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
