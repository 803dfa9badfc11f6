/** The room of what a fault can hit: processes and the links between them, by name. */
import type { FaultKind } from './faults.js';

export interface World {
  readonly edges: number;
  readonly workers: number;
  /** Ways by which chargers reach the edges; each has its share of them. */
  readonly chargerLinks: number;
  /** PostgreSQL lives on a small disk of its own, which can be filled. */
  readonly smallDisk: boolean;
}

export const LINK_KINDS = ['cut', 'slow', 'half-open'] as const;
const SERVERS = ['nats', 'redis', 'postgres'] as const;

const numbered = (name: string, count: number) => Array.from({ length: count }, (_none, k) => `${name} ${k + 1}`);

export const edgesOf = (world: World) => numbered('edge', world.edges);
export const workersOf = (world: World) => numbered('worker', world.workers);
/** `chargers 1>edges` and so on. */
export const chargerLinksOf = (world: World) =>
  numbered('chargers', world.chargerLinks).map((name) => linkName(name, 'edges'));

/** How a link is called. */
export function linkName(from: string, to: string): string {
  return `${from}>${to}`;
}

function processesOf(world: World): string[] {
  return [...edgesOf(world), ...workersOf(world), 'control', ...SERVERS];
}

function linksOf(world: World): string[] {
  const backs = [...workersOf(world), 'control'];
  return [
    ...chargerLinksOf(world),
    ...edgesOf(world).flatMap((edge) => [linkName(edge, 'nats'), linkName(edge, 'redis')]),
    ...backs.flatMap((back) => SERVERS.map((server) => linkName(back, server))),
  ];
}

/** Whom a kind of fault can hit. */
export function targetsOf(kind: FaultKind, world: World): string[] {
  if (kind === 'clock') return ['chargers'];
  if (kind === 'disk-full') return world.smallDisk ? ['postgres'] : [];
  return LINK_KINDS.some((one) => one === kind) ? linksOf(world) : processesOf(world);
}
