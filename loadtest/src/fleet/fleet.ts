/** The room of a fleet's run: our product on real servers, one swarm, and the phases one after the other. */
import { availableParallelism } from 'node:os';
import { thisMachine } from '../run/machine.js';
import { MAX_PER_PROCESS } from '../run/options.js';
import { type Stack, startStack } from '../stack/stack.js';
import { FAULTS } from '../swarm/plan.js';
import { Book } from './book.js';
import { Checklist } from './checklist.js';
import { type FleetOptions, handshakesOf, type Settled, settled } from './options.js';
import * as phases from './phases.js';
import { Ledgers, onlineByRest, sameBooks } from './product.js';
import type { FleetResult } from './result.js';
import { Tour, type TourEnd } from './tour.js';
import type { PartyUsage } from './watch.js';

export const IDENTITY = 'LT-%06d';
export const PASSWORD = 'sigec-loadtest-password';
/** Leases of a dead edge have run out, and what was committed is read. */
const PATIENCE_MS = 60_000;

/**
 * Starts the product, brings the fleet up, and takes it through every phase. Resolves with what was found, passed or not.
 * @throws {OptionError} where the options cannot be; {Error} where the run could not be made or was interrupted
 */
export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const o = settled(options);
  const book = new Book(o);
  const checks = new Checklist();
  let stack: Stack | null = null;
  let tour: Tour | null = null;
  try {
    stack = await servers(o, book);
    const signals = [stack.failure, ...(o.signal === undefined ? [] : [o.signal])];
    tour = await Tour.begin(loadOptions(o, stack.url), book, signals);
    const { pids } = tour;
    book.open(stack, () => pids);
    const before = await baseline(tour, book, o.settleMs);
    const run: phases.Run = { options: o, stack, tour, book, checks };
    const end = await through(run, before);
    return result(run, end);
  } catch (error) {
    // A process that died is why the rest failed.
    throw stack?.failure.aborted === true ? stack.failure.reason : error;
  } finally {
    book.close();
    await tour?.end();
    await stack?.stop();
  }
}

/** Every phase; where the caller ends the run early, what was found until then is kept. */
async function through(run: phases.Run, before: PartyUsage): Promise<TourEnd> {
  const { book, tour, options } = run;
  try {
    await book.phase('connect', () => phases.connect(run));
    tour.check();
    await book.phase('idle', () => phases.idle(run, before));
    tour.check();
    const driver = await phases.prepareCommands(run);
    await book.phase('commands', () => phases.commands(run, driver));
    tour.check();
    await book.phase('hold', () => phases.hold(run));
    tour.check();
    await book.phase('cut', () => phases.cut(run));
    tour.check();
    await book.phase('kill', () => phases.kill(run));
    tour.check();
  } catch (error) {
    if (options.signal?.aborted !== true) throw error;
    return tour.finish();
  }
  return lastChecks(run);
}

/** How the swarm is told to be. */
export function loadOptions(o: Settled, url: string, stations = o.stations) {
  const needed = Math.ceil(stations / MAX_PER_PROCESS);
  const processes = o.processes ?? Math.min(stations, Math.max(availableParallelism(), needed));
  return {
    url,
    scenario: 'hold',
    stations,
    processes,
    identity: IDENTITY,
    password: PASSWORD,
    version: o.version,
    heartbeatMs: o.heartbeatMs,
    meterMs: o.meterMs,
    charging: o.charging,
    connectConcurrency: handshakesOf(processes, o.connectConcurrency),
    timeoutMs: o.timeoutMs,
    readyTimeoutMs: o.readyTimeoutMs,
    seed: o.seed,
    maxLedgerRows: 0,
  };
}

async function servers(o: Settled, book: Book): Promise<Stack> {
  const { edges, workers, env, edgeArgs, workerArgs, onLine } = o;
  const stations = { count: o.stations, identity: IDENTITY, password: PASSWORD };
  let stack: Stack | undefined;
  await book.phase('servers', async () => {
    stack = await startStack({ edges, workers, control: true, env, edgeArgs, workerArgs, stations, onLine });
    return { messages: 0, facts: { edges, workers } };
  });
  return stack!;
}

/** What everybody uses before the first station comes. */
async function baseline(tour: Tour, book: Book, settleMs: number): Promise<PartyUsage> {
  await tour.pause(settleMs);
  tour.check();
  return book.watch!.usage();
}

/** Who is online by the product's books, who was wrong by ours, and whether both have the same transactions. */
async function lastChecks({ options, stack, tour, book, checks }: phases.Run): Promise<TourEnd> {
  const ledgers = new Ledgers(stack.databaseUrl);
  let end: TourEnd | undefined;
  try {
    await book.phase('checks', async () => {
      const { stations } = options;
      const online = await ledgers.online(stations, PATIENCE_MS);
      checks.add('onlineInDatabase', online === stations, `${online} / ${stations}`);
      const began = performance.now();
      const listed = await onlineByRest(stack.api!, tour.identities, options.timeoutMs);
      const restSeconds = (performance.now() - began) / 1000;
      checks.add('onlineByRest', listed === stations, `${listed} / ${stations}`);
      end = await tour.finish();
      const { ledger, faults } = end;
      const books = await ledgers.books(ledger, PATIENCE_MS / 4);
      const said = ({ transactions, stopped, energyWh }: typeof books) =>
        `${transactions} transactions, ${stopped} stopped, ${Math.round(energyWh)} Wh`;
      checks.add('ledger', sameBooks(books, ledger), `${said(books)} / ${said(ledger)}`);
      const wrong = FAULTS.filter((fault) => faults.counts[fault] > 0);
      checks.add('noFault', wrong.length === 0, wrong.map((fault) => `${fault} ${faults.counts[fault]}`).join(', '));
      const facts = { online, onlineByRest: listed, restSeconds, energyWh: books.energyWh };
      return { messages: 0, facts: { ...facts, transactions: books.transactions } };
    });
  } finally {
    await ledgers.close();
  }
  return end!;
}

function result({ options, tour, book, checks }: phases.Run, end: TourEnd): FleetResult {
  const { onProgress: _p, onPhase: _f, onLine: _l, signal: _s, ...asked } = options;
  book.second();
  return {
    format: 'sigec-fleet/1',
    startedAt: new Date(book.startedAt).toISOString(),
    endedAt: new Date().toISOString(),
    machine: thisMachine(),
    options: asked,
    passed: checks.passed,
    stations: options.stations,
    edges: options.edges,
    workers: options.workers,
    processes: tour.plan.local ? 0 : tour.plan.swarms.length,
    checks: checks.results,
    phases: book.phases,
    faults: end.faults,
    ledger: end.ledger,
    retries: end.retries,
    series: book.series.series,
    groups: { second: book.watch!.seconds, all: book.watch!.series },
  };
}
