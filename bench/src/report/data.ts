/** The room of what the page is made of: the files that are there, and of each what is in it. */
import type { CeilingResult } from '../ceiling/result.js';
import type { MicroResult } from '../micro/main.js';
import { readResult, readResults } from '../results.js';

/** The harness's own files: whatever of them is there is shown, and nothing else is needed. */
export interface PhaseFile {
  readonly name?: string;
  readonly seconds?: number;
  readonly messages?: number;
  readonly rate?: number;
  readonly latency?: {
    readonly p50?: number;
    readonly p95?: number;
    readonly p99?: number;
    readonly max?: number;
  } | null;
  readonly cpu?: Readonly<Record<string, number>>;
  readonly cpuMicros?: Readonly<Record<string, number | null>>;
  readonly rssBytes?: Readonly<Record<string, number>>;
  readonly availableBytes?: number;
  readonly facts?: Readonly<Record<string, number>>;
}

export interface FleetFile {
  readonly startedAt?: string;
  readonly passed?: boolean;
  readonly stations?: number;
  readonly edges?: number;
  readonly workers?: number;
  readonly processes?: number;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly checks?: readonly { readonly check?: string; readonly passed?: boolean; readonly detail?: string }[];
  readonly phases?: readonly PhaseFile[];
  readonly retries?: number;
  readonly series?: { readonly second?: readonly number[]; readonly ready?: readonly number[] };
  readonly groups?: {
    readonly second?: readonly number[];
    readonly all?: readonly {
      readonly name?: string;
      readonly cpu?: readonly (number | null)[];
      readonly rssBytes?: readonly (number | null)[];
    }[];
  };
}

export interface GrowthFile {
  readonly startedAt?: string;
  readonly passed?: boolean;
  readonly edges?: number;
  readonly workers?: number;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly sizes?: readonly {
    readonly stations?: number;
    readonly rate?: number;
    readonly latency?: { readonly p50?: number; readonly p99?: number };
    readonly faults?: number;
    readonly cpuMicros?: Readonly<Record<string, number>>;
    readonly netMicros?: Readonly<Record<string, number>>;
    readonly ratio?: number;
    readonly netRatio?: number;
  }[];
}

export interface Data {
  readonly ceiling: CeilingResult | null;
  readonly micro: MicroResult | null;
  /** By size. */
  readonly fleets: readonly FleetFile[];
  readonly growth: GrowthFile | null;
  /** A growth run of one size that is as large as this machine takes: connected, booted and held. */
  readonly many: GrowthFile | null;
  /** Prose by name of the section that it stands in. */
  readonly notes: Readonly<Record<string, string>>;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** A file of another format than this page knows is no file. */
function ofFormat<T>(value: unknown, format: string): T | null {
  return isObject(value) && 'format' in value && value.format === format ? (value as T) : null;
}

export function readData(notes: Readonly<Record<string, string>>): Data {
  const fleets = readResults('fleet').flatMap((value) => ofFormat<FleetFile>(value, 'sigec-fleet/1') ?? []);
  return {
    ceiling: ofFormat<CeilingResult>(readResult('ceiling'), 'sigec-bench-ceiling/1'),
    micro: ofFormat<MicroResult>(readResult('micro'), 'sigec-bench-micro/1'),
    fleets: fleets.sort((a, b) => (a.stations ?? 0) - (b.stations ?? 0)),
    growth: ofFormat<GrowthFile>(readResult('growth'), 'sigec-growth/1'),
    many: ofFormat<GrowthFile>(readResult('many'), 'sigec-growth/1'),
    notes,
  };
}

export function phaseOf(fleet: FleetFile | undefined, name: string): PhaseFile | undefined {
  return fleet?.phases?.find((phase) => phase.name === name);
}
