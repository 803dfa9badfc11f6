/** BootNotification: the station says what it is. 1.6 section 4.2; 2.x B01. */
import type { RequestOf } from '@sigec/ocpp';
import type { BootWord } from '@sigec/store';
import { type Call, define } from '../handler.js';
import type { Unit } from '../unit.js';

/** What a station says of itself. */
type Identity = Omit<BootWord, 'stationId' | 'at' | 'version'>;

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
function boot(unit: Unit, { stationId, version, receivedAt }: Call<unknown>, identity: Identity) {
  const { vendor, model, serialNumber, firmwareVersion, reason } = identity;
  const named = { vendor, model, serialNumber, firmwareVersion };
  unit.putBoot({ stationId, version, ...named, registration: 'accepted', at: unit.now }, reason);
  unit.add('bootWord', { stationId, version, ...identity, at: receivedAt });
  unit.add('booted', { stationId });
  // What was asked for while it was away goes out now.
  unit.add('commandWake', { stationId });
  return {
    status: 'Accepted' as const,
    currentTime: new Date(unit.now).toISOString(),
    interval: heartbeatSeconds(unit.settings.heartbeatInterval, stationId),
  };
}

type Boot16 = RequestOf<'ocpp1.6', 'BootNotification'>;

const identity16 = (payload: Boot16): Identity => ({
  reason: null,
  vendor: payload.chargePointVendor,
  model: payload.chargePointModel,
  serialNumber: payload.chargePointSerialNumber ?? payload.chargeBoxSerialNumber ?? null,
  boxSerialNumber: payload.chargeBoxSerialNumber ?? null,
  firmwareVersion: payload.firmwareVersion ?? null,
  iccid: payload.iccid ?? null,
  imsi: payload.imsi ?? null,
  meterType: payload.meterType ?? null,
  meterSerialNumber: payload.meterSerialNumber ?? null,
});

/** 2.x has its meter in the device model. */
const identity2x = ({ chargingStation, reason }: RequestOf<'ocpp2.0.1', 'BootNotification'>): Identity => ({
  reason,
  vendor: chargingStation.vendorName,
  model: chargingStation.model,
  serialNumber: chargingStation.serialNumber ?? null,
  boxSerialNumber: null,
  firmwareVersion: chargingStation.firmwareVersion ?? null,
  iccid: chargingStation.modem?.iccid ?? null,
  imsi: chargingStation.modem?.imsi ?? null,
  meterType: null,
  meterSerialNumber: null,
});

export const bootNotification16 = define('ocpp1.6', 'BootNotification', {
  kind: 'durable',
  booted: (response) => response.status === 'Accepted',
  handle: (call, unit) => boot(unit, call, identity16(call.payload)),
});

export const bootNotification2x = define('ocpp2.0.1', 'BootNotification', {
  kind: 'durable',
  booted: (response) => response.status === 'Accepted',
  handle: (call, unit) => boot(unit, call, identity2x(call.payload)),
});
