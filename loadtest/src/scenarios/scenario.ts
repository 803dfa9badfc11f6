/** The room of what a scenario is: lists of steps. Adding one is adding a file and a line in index.ts. */
import type { CallKind } from '../ocpp/calls.js';
import type { Pacing, ScenarioOptions } from '../swarm/plan.js';

/** One step of a station. */
export type Op =
  | { readonly op: 'call'; readonly kind: CallKind }
  /** Only `natural` pacing pauses. */
  | { readonly op: 'pause'; readonly ms: number }
  /** Hang up, come back, boot. */
  | { readonly op: 'reconnect' };

export interface LoopContext extends ScenarioOptions {
  readonly random: () => number;
  /** Of the station in the whole swarm, from 0. */
  readonly number: number;
  /** How many loops this station has made in this load. */
  readonly round: number;
}

export interface Scenario {
  readonly name: string;
  readonly summary: { readonly en: string; readonly pt: string };
  /** What paces it where neither `--rate` nor `--interval` is given. */
  readonly pacing: Pacing['kind'];
  /** Between being booted and being ready. */
  readonly setup: readonly Op[];
  /** Again and again while the load lasts; nothing keeps silent. */
  readonly loop: readonly Op[] | ((context: LoopContext) => readonly Op[]);
  /** Keeps a ledger, and stops open transactions at the end. */
  readonly transactions?: boolean;
  /** What the coordinator does beside: cut all sockets, or send commands. */
  readonly driver?: 'storm' | 'commands';
  /** With `--interval` or `--rate` only, where the loop is not made otherwise. */
  readonly silentUnlessPaced?: boolean;
}

export const call = (kind: CallKind): Op => ({ op: 'call', kind });
export const pause = (ms: number): Op => ({ op: 'pause', ms });

/** The steps `n` times. */
export function times(n: number, ...ops: readonly Op[]): Op[] {
  return Array.from({ length: n }, () => ops).flat();
}
