/** What a worker is told at its start. */
import type { FlapPolicy, Tariff } from '@sigec/domain';

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
}
