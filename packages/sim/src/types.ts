/** The room of the public words: what a station is told, what it shows, and what it can be asked to do. */
import type { EventEmitter } from 'node:events';
import type { BackoffOptions } from './backoff.js';
import type { OwnCertificate } from './certificates.js';
import type { ConnectorStatus, IdToken } from './evse.js';
import type { Version } from './frame.js';
import type { JsonObject } from './json.js';
import type { FrameEvent } from './link.js';
import type { TlsOptions } from './socket.js';

export interface FirmwareOptions {
  /** Share of updates that fail, 0 to 1. Default 0. */
  failures?: number | undefined;
  /** How they fail. Default `DownloadFailed`. */
  fail?: 'DownloadFailed' | 'InstallationFailed' | undefined;
  /** Most updates that fail; those after them succeed. Default: no end. */
  times?: number | undefined;
  /** Between the words of an update, ms. Default 40. */
  delayMs?: number | undefined;
}

export interface StationOptions {
  /** The CSMS endpoint without the identity, e.g. `ws://127.0.0.1:9000/ocpp`. */
  url: string;
  /** The station's identity; percent-encoded as the last part of the address. */
  identity: string;
  version: Version;
  /** HTTP Basic password (security profiles 1 and 2). Absent: no Authorization header. */
  password?: string | undefined;
  /** Token of transactions that name none. 20 characters in 1.6, 36 in 2.0.1, 255 in 2.1. Default `SIGEC-DEMO`. */
  idToken?: string | undefined;
  /** Number of EVSEs, each with one connector. 1 to 64, default 1. */
  evses?: number | undefined;
  /** At least so many variables (2.x) or configuration keys (1.6), those of power modules added. Default: none added. */
  variables?: number | undefined;
  /** `dc` tapers from 80 % state of charge, `ac` does not. Default `dc`. */
  current?: 'dc' | 'ac' | undefined;
  /** Vehicles speak ISO 15118: in 2.x they tell what they need, and what they mean to do. Default false. */
  iso15118?: boolean | undefined;
  /** Power of each EVSE in W. Default 50000. */
  maxPowerW?: number | undefined;
  /** Battery of the simulated cars in Wh. Default 60000. */
  batteryWh?: number | undefined;
  /** State of charge a car arrives with, 0 to 100. Default 20. */
  socStart?: number | undefined;
  /** What each meter shows at first, integer Wh. Default 1000. */
  meterStartWh?: number | undefined;
  /** Simulated seconds per real second, for energy, samples and waits. Protocol times stay real. Default 1. */
  speed?: number | undefined;
  /** Simulated seconds between two samples. Default 60. */
  meterIntervalS?: number | undefined;
  /** Delay between connection attempts. */
  backoff?: Partial<BackoffOptions> | undefined;
  /** How often, and how far apart (ms, times the attempts so far), a transaction message that failed is repeated. */
  retry?: { attempts?: number | undefined; intervalMs?: number | undefined } | undefined;
  /** How long an answer is waited for, ms. Default 30000. */
  messageTimeoutMs?: number | undefined;
  /** Most transaction messages kept while offline. Default 10000. */
  maxKept?: number | undefined;
  vendor?: string | undefined;
  model?: string | undefined;
  serialNumber?: string | undefined;
  firmwareVersion?: string | undefined;
  /** How firmware updates go. */
  firmware?: FirmwareOptions | undefined;
  tls?: TlsOptions | undefined;
  /** Closes the station when it fires. */
  signal?: AbortSignal | undefined;
}

/** Registration by BootNotification; `none` until the first answer and again after a reboot. */
export type Registration = 'none' | 'Pending' | 'Rejected' | 'Accepted';

export interface TransactionInfo {
  /** 1.6: the CSMS's id as text, or a placeholder `local-n` until it is known. 2.x: the station's own id. */
  transactionId: string;
  evse: number;
  idToken: string;
  remote: boolean;
  /** RFC 3339, real time. */
  startedAt: string;
  meterStartWh: number;
  /** The register now, or at the end. */
  meterWh: number;
  energyWh: number;
  /** Null while it runs. */
  reason: StopReason | null;
}

/** Why a transaction ends, in the words of both families; each version sends the nearest of its own. */
export type StopReason =
  | 'Local'
  | 'Remote'
  | 'DeAuthorized'
  | 'EVDisconnected'
  | 'EmergencyStop'
  | 'HardReset'
  | 'SoftReset'
  | 'ImmediateReset'
  | 'Reboot'
  | 'PowerLoss'
  | 'UnlockCommand'
  | 'Other';

export const STOP_REASONS: readonly StopReason[] = [
  'Local',
  'Remote',
  'DeAuthorized',
  'EVDisconnected',
  'EmergencyStop',
  'HardReset',
  'SoftReset',
  'ImmediateReset',
  'Reboot',
  'PowerLoss',
  'UnlockCommand',
  'Other',
];

export interface EvseSnapshot {
  evse: number;
  status: ConnectorStatus;
  powerW: number;
  meterWh: number;
  /** State of charge in percent; null without a car. */
  soc: number | null;
  transaction: TransactionInfo | null;
}

export interface StationSnapshot {
  identity: string;
  version: Version;
  online: boolean;
  registration: Registration;
  /** Transaction messages that wait for their answer. */
  kept: number;
  evses: EvseSnapshot[];
}

export interface StationEvents {
  open: [];
  close: [code: number, reason: string];
  /** The upgrade was refused with this HTTP status. */
  refused: [status: number];
  /** No connection at all: nobody listens, TLS failed, no common subprotocol. */
  failed: [reason: string];
  frame: [event: FrameEvent];
  boot: [status: Registration, intervalS: number];
  started: [transaction: TransactionInfo];
  stopped: [transaction: TransactionInfo];
  /** A few times a second while a car charges. */
  tick: [];
  /** The CSMS broke the specification, or a message could not be delivered. */
  problem: [text: string];
  /** A log left for where the CSMS wanted it, and was taken. */
  uploaded: [name: string, bytes: Buffer];
  closed: [];
}

export interface StartRequest {
  /** Default 1. */
  evse?: number | undefined;
  idToken?: string | IdToken | undefined;
  /** Whether samples follow by themselves (the default) or only through {@link Station.meter}. */
  auto?: boolean | undefined;
}

/** A simulated charging station. */
export interface Station extends EventEmitter<StationEvents> {
  readonly identity: string;
  readonly version: Version;
  readonly speed: number;
  /** Simulated seconds between two samples as configured at the start. */
  readonly meterIntervalS: number;
  readonly isClosed: boolean;
  /** What it is doing now. */
  snapshot(): StationSnapshot;
  /** Connects and registers; resolves when the CSMS has accepted the station, rejects only when it is closed first. */
  boot(): Promise<void>;
  /** Reports a connector's status; kept for the next connection when offline. */
  setStatus(evse: number, status: ConnectorStatus): Promise<void>;
  /** Asks for a token; gives the CSMS's status word, offline that of the local list or cache. */
  authorize(idToken?: string | IdToken): Promise<string>;
  /** Starts charging; the message is delivered now or when the CSMS is back. Throws when the EVSE cannot be used. */
  startTransaction(request?: StartRequest): TransactionInfo;
  /** Sends one sample of the running transaction; throws when none runs. */
  meter(evse?: number): void;
  /** Ends the transaction on an EVSE; throws when none runs. */
  stopTransaction(evse?: number, reason?: StopReason): TransactionInfo;
  /** Somebody else than the CSMS limits the station (EVSE 0) or an EVSE to W, or no longer (null); 2.x is told. */
  limit(watts: number | null, evse?: number, source?: string): void;
  /** A driver asks for priority at the station, or gives it up (2.1); throws when no transaction runs. */
  prioritise(evse: number, active: boolean): void;
  /** Sends any CALL; rejects with `CallFailed` on CALLERROR, timeout, or when offline. */
  send(action: string, payload: JsonObject): Promise<JsonObject>;
  /**
   * The station finds a variable at another value (`EVSE@1.Power`; a key in 1.6), as its own sensors would; what watches
   * it is told. Throws RangeError where it has none of that name.
   */
  observe(variable: string, value: string): void;
  /** Its own certificate with the key, as the CSMS had it signed last; null before. */
  certificate(): OwnCertificate | null;
  /** Waits simulated seconds. */
  wait(seconds: number): Promise<void>;
  /** Drops the connection, and comes back after real milliseconds (default: the back-off). */
  disconnect(pauseMs?: number): void;
  /** Waits until every transaction message and open CALL is answered; false when `timeoutMs` passed first. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Ends everything; resolves when no timer and no socket is left. */
  close(): Promise<void>;
}
