/** Stations and their connectors as plain data, and the rule that makes one status out of many. */

export type Registration = 'none' | 'accepted' | 'pending' | 'rejected';
export type StationStatus = 'Available' | 'Occupied' | 'Faulted' | 'Unavailable';

/** What handlers know of a station. */
export interface StationState {
  readonly id: number;
  readonly tenantId: number;
  readonly identity: string;
  readonly epoch: number;
  readonly registration: Registration;
  readonly blocked: boolean;
  /** Leniency of this station alone (field.md 27): what its firmware is known to get wrong. */
  readonly leniency: { readonly overlong?: boolean; readonly additional?: boolean };
}

/** Neutral status of one connector, from the nine of 1.6 and the five of 2.x. */
export function connectorStatus(raw: string): StationStatus {
  switch (raw) {
    case 'Available':
      return 'Available';
    case 'Faulted':
      return 'Faulted';
    case 'Unavailable':
      return 'Unavailable';
    // 1.6: Preparing, Charging, SuspendedEV, SuspendedEVSE, Finishing, Reserved. 2.x: Occupied, Reserved.
    default:
      return 'Occupied';
  }
}

/**
 * The station's status: Available where one connector is, else Occupied where one is, else Faulted where one is, else
 * Unavailable. `own` is the status of connector 0 / EVSE 0, which speaks for the whole: Faulted and Unavailable win.
 * Offline is not a status but a flag beside it. Also computed in SQL (store, `batch/write.ts`); a test compares the two.
 */
export function stationStatus(connectors: readonly StationStatus[], own?: StationStatus): StationStatus {
  if (own === 'Faulted' || own === 'Unavailable') return own;
  for (const status of ['Available', 'Occupied', 'Faulted'] as const) if (connectors.includes(status)) return status;
  return connectors.length === 0 && own !== undefined ? own : 'Unavailable';
}
