/** The room of a soak: our product on real servers, the same compressed day again and again, and whether anything grows. */
import { IDENTITY, PASSWORD } from '../fleet/fleet.js';
import { type Books, Ledgers, sameBooks } from '../fleet/product.js';
import { type LoadOptions, OptionError, whole } from '../run/options.js';
import type { LoadResult } from '../run/result.js';
import { runLoad } from '../run/run.js';
import { startStack } from '../stack/stack.js';
import { type Flatness, flatness } from './flat.js';

export interface SoakOptions extends Pick<LoadOptions, 'version' | 'seed' | 'onProgress' | 'signal'> {
  readonly stations?: number | undefined;
  /** Of the whole soak, ms. Default an hour. */
  readonly durationMs?: number | undefined;
  /** Days within that time; the first warms up. Default 4, at least 3. */
  readonly days?: number | undefined;
  readonly edges?: number | undefined;
  readonly workers?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What the processes say, at `warn` and above. */
  readonly onLine?: ((text: string) => void) | undefined;
}

export interface SoakResult extends Flatness {
  readonly format: 'sigec-soak/1';
  readonly passed: boolean;
  readonly dayMs: number;
  /** What the chargers were told, and what the database has. */
  readonly told: Books;
  readonly stored: Books;
  readonly load: LoadResult;
}

const STATIONS = 1000;
const HOUR_MS = 3_600_000;
const DAYS = 4;
/** A mix as public fleets have it. */
const VERSION = '1.6:50,2.0.1:30,2.1:20';
const PATIENCE_MS = 30_000;

/** Theirs are caches up to a size they were given (shared buffers, the stream's blocks); ours have no reason to grow. */
const JUDGED = /^(edge|worker|control)/;

/** @throws {OptionError} where the options cannot be; {Error} where the run could not be made */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { stations = STATIONS, durationMs = HOUR_MS, edges = 2, workers = 2, env, onLine } = options;
  const days = whole('days', options.days ?? DAYS, 3, 1000);
  whole('stations', stations, 1, 18_000);
  if (!(durationMs > 0)) throw new OptionError('duration: must be positive');
  const dayMs = Math.floor(durationMs / days);
  const seed = { count: stations, identity: IDENTITY, password: PASSWORD };
  const stack = await startStack({ edges, workers, control: true, env, stations: seed, onLine });
  const ledgers = new Ledgers(stack.databaseUrl);
  try {
    const load = await runLoad({
      ...{ url: stack.url, scenario: 'mixed', stations, identity: IDENTITY, password: PASSWORD },
      ...{ version: options.version ?? VERSION, seed: options.seed, dayMs, durationMs, warmupMs: 0 },
      ...{ watch: stack.watch, maxLedgerRows: 0, onProgress: options.onProgress, signal: options.signal },
    });
    if (stack.failure.aborted) throw stack.failure.reason;
    const { transactions = 0, stopped = 0, energyWh = 0 } = load.ledger?.totals ?? {};
    const told = { transactions, stopped, energyWh };
    const stored = await ledgers.books(told, PATIENCE_MS);
    const from = Math.round((load.stations.readyMs ?? 0) / 1000);
    const flat = flatness(load, { from, dayMs, days, judged: (name) => JUDGED.test(name) });
    const passed = load.passed && flat.steep.length === 0 && sameBooks(told, stored);
    return { format: 'sigec-soak/1', passed, dayMs, told, stored, ...flat, load };
  } finally {
    await ledgers.close();
    await stack.stop();
  }
}
