/** What a worker is told at its start. */
import type { FlapPolicy, Iso15118Port, Tariff, VatRegistry } from '@sigec/domain';
import type { Vendors } from './handlers/vendors.js';

export interface WorkerSettings {
  /** Seconds, told to chargers at boot. */
  readonly heartbeatInterval: number;
  /** Tenant that unknown stations are registered in; null refuses them. */
  readonly registerUnknownIn: number | null;
  /** When a charger connects too often, and for how long it is held back then. */
  readonly flap: FlapPolicy;
  /** Most messages in one batch. */
  readonly batchMax: number;
  /** Batches of charger messages in the database at once. */
  readonly parallelBatches: number;
  /** A message that waited here longer than this is not worked on: its edge has given it up. ms. */
  readonly messageLifetimeMs: number;
  readonly messageLog: boolean;
  readonly messageLogDays: number;
  readonly meterSampleDays: number;
  readonly tariff: Tariff;
  /** Who understands the vendors' own messages; nobody where absent. */
  readonly vendors?: Vendors;
  /** Who knows the companies behind tax numbers; absent: nobody. */
  readonly vatRegistry?: VatRegistry;
  /** Whoever provides contracts and statuses for cars (ISO 15118). Default: nobody. */
  readonly iso15118?: Iso15118Port;
  /** Whether the authority that is asked issues certificates for ISO 15118. Default: no. */
  readonly v2gCertificates?: boolean;
}
