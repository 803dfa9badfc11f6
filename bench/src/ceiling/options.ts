/** The room of what `pnpm bench:ceiling` may be told. */
import { parseArgs } from 'node:util';

export interface CeilingOptions {
  readonly rounds: number;
  readonly stations: number;
  readonly durationMs: number;
  readonly warmupMs: number;
  readonly processes: number;
  readonly edges: number;
  readonly workers: number;
  readonly connections: number;
  /** Names of units to leave all others out; empty for all. */
  readonly only: readonly string[];
}

export const HELP = `pnpm bench:ceiling [options]

  --rounds 3          each target is measured so often, in another order each time
  --duration 8s       measured time of each
  --warmup 3s         load before it that is not measured
  --stations 500      stations of the client
  --processes 1       processes of the client
  --edges 1           edge processes of the platform
  --workers 1         worker processes of the platform
  --connections 32    connections of the REST client
  --only a,b          only these, and nothing is written:
                      echo, fabric, fabric-nolog, ocpp-rpc, ocpp-ws-io, rest, half
`;

export const UNITS = ['echo', 'fabric', 'fabric-nolog', 'ocpp-rpc', 'ocpp-ws-io', 'rest', 'half'] as const;

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name}: must be a whole number from ${min} to ${max}, not ${text}`);
}

/** `8s`, `500ms` or `2m`, in milliseconds. */
export function duration(name: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  if (digits === '') throw new Error(`${name}: must be a time such as 8s, 500ms or 2m, not ${text}`);
  return Number(digits) * (unit === 'ms' ? 1 : unit === 's' ? 1000 : 60_000);
}

function unitsOf(text: string): readonly string[] {
  const names = text === '' ? [] : text.split(',');
  for (const name of names)
    if (!UNITS.some((unit) => unit === name)) throw new Error(`only: ${name} is none of ${UNITS.join(', ')}`);
  return names;
}

/** Null where help is asked for. @throws {Error} that names what cannot be */
export function parseOptions(args: readonly string[]): CeilingOptions | null {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { ...text, default: '3' },
      duration: { ...text, default: '8s' },
      warmup: { ...text, default: '3s' },
      stations: { ...text, default: '500' },
      processes: { ...text, default: '1' },
      edges: { ...text, default: '1' },
      workers: { ...text, default: '1' },
      connections: { ...text, default: '32' },
      only: { ...text, default: '' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) return null;
  return {
    rounds: whole('rounds', values.rounds, 1, 100),
    stations: whole('stations', values.stations, 1, 18_000),
    durationMs: duration('duration', values.duration),
    warmupMs: duration('warmup', values.warmup),
    processes: whole('processes', values.processes, 1, 64),
    edges: whole('edges', values.edges, 1, 64),
    workers: whole('workers', values.workers, 1, 64),
    connections: whole('connections', values.connections, 1, 1000),
    only: unitsOf(values.only),
  };
}
