/** The room of one EVSE: its meter, its connector's status, and the charge that runs on it. */
import { advance, type Curve, powerAt } from './curve.js';
import { Meter } from './meter.js';

/** Connector status in the words of 1.6; 2.x knows `Occupied` for all of the middle ones. */
export type ConnectorStatus =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEV'
  | 'SuspendedEVSE'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted'
  | 'Occupied';

export const CONNECTOR_STATUSES: readonly ConnectorStatus[] = [
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
  'Finishing',
  'Reserved',
  'Unavailable',
  'Faulted',
  'Occupied',
];

/** An authorisation token; `type` is 2.x's IdTokenEnum and stays unsaid in 1.6. */
export interface IdToken {
  idToken: string;
  type: string;
}

export type Flow = 'Charging' | 'SuspendedEV' | 'SuspendedEVSE';

/** A transaction that runs. */
export interface Charge {
  /** 2.x: the id on the wire. 1.6: a placeholder, until {@link csmsId} is known. */
  ref: string;
  /** 1.6: the id the CSMS gave to StartTransaction. */
  csmsId: number | null;
  token: IdToken;
  remoteStartId: number | undefined;
  remote: boolean;
  reservationId: number | undefined;
  startedMs: number;
  meterStartWh: number;
  /** Next seqNo (2.x). */
  seqNo: number;
  flow: Flow | null;
  storedWh: number;
  powerW: number;
  /** 2.1: charged before others. */
  priority: boolean;
  /** Exact register and battery at the start: the register is always derived from these, so nothing drifts. */
  readonly baseWh: number;
  readonly baseStoredWh: number;
  integratedMs: number;
  stopSampling: () => void;
}

export interface Reservation {
  id: number;
  idToken: string;
  groupId: string | undefined;
  cancelExpiry: () => void;
}

export class Evse {
  readonly meter: Meter;
  status: ConnectorStatus = 'Available';
  /** What the CSMS was told last, in its version's word; null when it has to be told (again). */
  reported: string | null = null;
  operative = true;
  /** Availability to take when the charge has ended (ChangeAvailability answered with Scheduled). */
  scheduled: boolean | null = null;
  reservation: Reservation | null = null;
  charge: Charge | null = null;

  constructor(
    /** From 1. */
    readonly id: number,
    meterStartWh: number,
  ) {
    this.meter = new Meter(meterStartWh);
  }

  /** The status of a connector nobody uses. */
  get restingStatus(): ConnectorStatus {
    if (!this.operative) return 'Unavailable';
    return this.reservation === null ? 'Available' : 'Reserved';
  }

  /** Lets the energy flow that belongs to the time since the last call, and gives the flow that holds now. */
  integrate(nowMs: number, curve: Curve, speed: number, limitW: number): Flow | null {
    const c = this.charge;
    if (c === null) return null;
    const seconds = ((nowMs - c.integratedMs) / 1000) * speed;
    c.integratedMs = nowMs;
    c.storedWh = advance(curve, c.storedWh, seconds, limitW);
    this.meter.advanceTo(c.baseWh + (c.storedWh - c.baseStoredWh));
    c.powerW = powerAt(curve, c.storedWh, limitW);
    if (c.storedWh >= curve.batteryWh) return 'SuspendedEV';
    return c.powerW > 0 ? 'Charging' : 'SuspendedEVSE';
  }
}
