/** What goes into and comes out of a batch of charger messages, as plain data. */
import type {
  IdTokenState,
  Outlet,
  Registration,
  RunningOn,
  StationState,
  Tariff,
  TransactionState,
} from '@sigec/domain';
import type { Facts, Found, Looks } from '../facts/index.js';

/** What the handlers of a batch want to know beforehand. Duplicates do no harm. */
export interface CallNeeds {
  readonly stationIds: readonly number[];
  /** Transactions by the charger's own id. */
  readonly transactions: readonly { readonly stationId: number; readonly ocppTransactionId: string }[];
  /** Transactions by the natural key of their start. */
  readonly startKeys: readonly { readonly stationId: number; readonly key: string }[];
  /** Stations whose running transactions are wanted. */
  readonly activeOf: readonly number[];
  /** Tokens by lower-case value, in the tenant of the station. */
  readonly idTokens: readonly { readonly stationId: number; readonly key: string }[];
  /**
   * Transactions that may be new, each also asked for above by the keys it would be known by. A number is taken from the
   * sequence for each that is found by neither: 1.6 gives transactions 31 bits, which must not be spent on messages of
   * those that are known.
   */
  readonly newTransactions: readonly {
    readonly stationId: number;
    readonly ocppTransactionId: string | null;
    readonly startKey: string | null;
  }[];
  /** What the families of messages look up beside the core. */
  readonly looks: Looks;
}

export interface CallView {
  readonly stations: ReadonlyMap<number, StationState>;
  readonly transactions: readonly TransactionState[];
  /** By {@link tokenKey}. */
  readonly idTokens: ReadonlyMap<string, TokenView>;
  readonly newTransactionIds: readonly number[];
  /** What holds at the stations of those that are new, by {@link tariffKey}; what is built in is not there. */
  readonly tariffs: ReadonlyMap<string, Tariff>;
  readonly found: Found;
}

/** A token, with what its own limits ask of the station that shows it; null where they ask nothing. */
export interface TokenView extends IdTokenState {
  readonly site: string | null;
  readonly outlets: readonly Outlet[] | null;
  /** What runs on it, anywhere in the tenant. */
  readonly running: readonly RunningOn[] | null;
}

/** A token as one station shows it. */
export const tokenKey = (stationId: number, key: string): string => `${stationId}/${key}`;

/** Of an EVSE; of EVSE 0 what holds at the station where the EVSE has none of its own. */
export const tariffKey = (stationId: number, evseId: number): string => `${stationId}/${evseId}`;

/** What a BootNotification told. */
export interface BootChange {
  readonly stationId: number;
  readonly vendor: string;
  readonly model: string;
  readonly serialNumber: string | null;
  readonly firmwareVersion: string | null;
  readonly version: string;
  readonly registration: Registration;
  /** ms since 1970, as all times here. */
  readonly at: number;
}

export interface ConnectorChange {
  readonly stationId: number;
  readonly evseId: number;
  readonly connectorId: number;
  readonly ocppStatus: string;
  readonly status: string;
  readonly errorCode: string | null;
  readonly vendorErrorCode: string | null;
  /** 1.6: whose error code it is. */
  readonly vendorId: string | null;
  readonly info: string | null;
  readonly at: number;
}

/** One sampled value; what is not known is undefined. */
export interface Sample {
  readonly measurand: string;
  readonly phase: string | undefined;
  readonly context: string | undefined;
  readonly location: string | undefined;
  readonly unit: string | undefined;
  /** Undefined where the charger sent no number (signed meter data): then `raw` holds it. */
  readonly value: number | undefined;
  readonly raw: string | undefined;
  /** How `raw` was signed, where the charger says so (2.x SignedMeterValueType). */
  readonly signed?: SignedBy | undefined;
}

export interface SignedBy {
  readonly method: string | undefined;
  readonly encoding: string;
  readonly publicKey: string | undefined;
}

/** What a meter told at one instant, and where. */
export interface MeterRow {
  readonly transactionId: number | null;
  readonly stationId: number;
  readonly evseId: number;
  readonly connectorId: number;
  readonly sampledAt: number;
  readonly receivedAt: number;
  readonly samples: readonly Sample[];
}

export interface TransactionChange {
  readonly before: TransactionState | null;
  readonly now: TransactionState;
}

/** Something that changed, for the event stream. */
export interface OutboxEvent {
  readonly tenantId: number;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** At most one entry per station, connector and transaction in each list: the last state of the batch. */
export interface CallChanges {
  readonly boots: readonly BootChange[];
  readonly connectors: readonly ConnectorChange[];
  /** As they were read, and as they are now; null where it is new. */
  readonly transactions: readonly TransactionChange[];
  readonly meterValues: readonly MeterRow[];
  readonly events: readonly OutboxEvent[];
  /** Rows of the families beside the core. */
  readonly facts: Facts;
}
