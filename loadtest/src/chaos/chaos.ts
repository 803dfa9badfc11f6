/** The room of a chaos run: the product on real servers, chargers in session, a schedule of faults, and the ledger. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy, type TcpProxy } from '@sigec/testkit';
import { Rest } from '../api/rest.js';
import { thisMachine } from '../run/machine.js';
import { OptionError, versionCycle } from '../run/options.js';
import { type Stack, startStack } from '../stack/stack.js';
import { formatPattern } from '../swarm/plan.js';
import { parseEndpoint } from '../ws/handshake.js';
import { Charger, type Pace } from './charger.js';
import { Commands } from './commands.js';
import { Disk } from './disk.js';
import type { Fault } from './faults.js';
import { Injector } from './injector.js';
import { KeptReader } from './kept.js';
import { judge, type Kept, type Violation } from './ledger.js';
import { type ChaosOptions, type Settled, settled } from './options.js';
import { AckTimes } from './recovery.js';
import { commandOf } from './replay.js';
import type { ChaosResult, FaultReport } from './result.js';
import { outages, schedule } from './schedule.js';

const IDENTITY = 'CH-%06d';
const PASSWORD = 'sigec-chaos-password';
const ID_TOKEN = 'SIGEC-DEMO';
const CHARGER_LINKS = 2;
const DISK_MB = 384;
const PACE: Pace = {
  pauseMs: [300, 2000],
  meterMs: [500, 1500],
  heartbeatMs: 5000,
  answerMs: 8000,
  backoffMs: [300, 4000],
  patience: 0.3,
};
/** In a long outage nobody hangs up: whether sockets stay is the product's affair. */
const PATIENT: Pick<Pace, 'answerMs' | 'patience'> = { answerMs: 30_000, patience: 1 };
/** Who is quick enough to be found out within a run. */
const ENV = { SIGEC_PING_INTERVAL: '5', SIGEC_COMMAND_TIMEOUT: '10' };
const CONNECT_MS = 60_000;
const PRESENCE_MS = 60_000;
const POLL_MS = 100;
/** At the end every fifth charger hangs up, for `online` must be false of somebody too. */
const LEAVES = 5;
const AFTER_OUTAGE_MS = 15_000;
const SAMPLE_MS = 200;
const MAX_VIOLATIONS = 500;

/**
 * Makes the run. Resolves with what was found, passed or not.
 * @throws {OptionError} where the options cannot be; {Error} where the run could not be made or was interrupted
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const run = new Run(settled(options));
  try {
    return await run.make();
  } finally {
    await run.end();
  }
}

class Run {
  readonly #startedAt = new Date();
  readonly #acks = new AckTimes();
  readonly #notes: string[] = [];
  readonly #ownViolations: Violation[] = [];
  readonly #chargers: Charger[] = [];
  readonly #links: TcpProxy[] = [];
  #stack: Stack | null = null;
  #disk: Disk | null = null;
  #commands: Commands | null = null;
  #reader: KeptReader | null = null;
  #zero = performance.now();
  #clock: NodeJS.Timeout | null = null;
  #sampler: NodeJS.Timeout | null = null;
  #phase: 'chaos' | 'settling' = 'chaos';
  #closed = 0;
  readonly #faults: FaultReport[] = [];

  constructor(private readonly o: Settled) {}

  async make(): Promise<ChaosResult> {
    const { o } = this;
    const wantsDisk = o.faults === undefined || o.faults.some((one) => one.startsWith('disk-full'));
    this.#disk = wantsDisk ? Disk.mount(DISK_MB) : null;
    const notSimulated = wantsDisk && this.#disk === null ? ['disk-full: no file system may be mounted here'] : [];
    for (const one of notSimulated) this.#note(one);
    await this.#start();
    await this.#connect();
    const { edges, workers } = o;
    const world = { edges, workers, chargerLinks: CHARGER_LINKS, smallDisk: this.#disk !== null };
    const faults = o.outages === undefined ? schedule({ ...o, world }) : outages(o.outages);
    await this.#storm(faults);
    const { settledSeconds, presenceSeconds, kept } = await this.#settle();
    return this.#result(kept, { notSimulated, settledSeconds, presenceSeconds });
  }

  async end(): Promise<void> {
    for (const timer of [this.#clock, this.#sampler]) if (timer !== null) clearInterval(timer);
    this.#commands?.stop();
    await Promise.all(this.#chargers.map((charger) => charger.leave()));
    await Promise.all(this.#links.map((proxy) => proxy.close()));
    await this.#reader?.close();
    await this.#stack?.stop();
    this.#disk?.unmount();
  }

  async #start(): Promise<void> {
    const { o } = this;
    const { edges, workers, postgres, onLine } = o;
    const stations = { count: o.stations, identity: IDENTITY, password: PASSWORD };
    this.#stack = await startStack({
      ...{ edges, workers, control: true, links: true, stations, onLine },
      env: { ...ENV, ...o.env },
      postgres: { shared_buffers: '128MB', max_wal_size: this.#disk === null ? '1GB' : '64MB', ...postgres },
      ...(this.#disk === null ? {} : { postgresFolder: this.#disk.path }),
      onLost: (reason) => this.#lost(reason),
    });
    this.#reader = new KeptReader(this.#stack.databaseUrl);
    const { port } = parseEndpoint(this.#stack.url);
    for (let n = 0; n < CHARGER_LINKS; n++) this.#links.push(await startTcpProxy(port));
    const cycle = versionCycle(o.version);
    for (let n = 0; n < o.stations; n++) {
      const endpoint = { ...parseEndpoint(this.#stack.url), port: this.#links[n % CHARGER_LINKS]!.port };
      const charger = new Charger({
        ...{ number: n + 1, identity: formatPattern(IDENTITY, n + 1), version: cycle[n % cycle.length]!, endpoint },
        ...{
          password: PASSWORD,
          idToken: ID_TOKEN,
          seed: o.seed,
          pace: o.outages === undefined ? PACE : { ...PACE, ...PATIENT },
        },
        onAck: () => this.#acks.add(performance.now()),
      });
      this.#chargers.push(charger);
    }
  }

  async #connect(): Promise<void> {
    for (const charger of this.#chargers) charger.start();
    const all = () => this.#chargers.every(({ connected }) => connected);
    if ((await this.#until(all, CONNECT_MS)) === null) throw new Error('the chargers did not come into service');
    const { api } = this.#stack!;
    const rest = new Rest(api!.url, CONNECT_MS);
    try {
      await rest.login(api!.email, api!.password);
      const devices = await rest.devices(new Set(this.#chargers.map((charger) => charger.book().identity)));
      const { commandRate: perSecond, seed } = this.o;
      this.#commands = new Commands({ api: api!, devices, perSecond, seed });
      if (perSecond > 0) await this.#commands.start();
    } finally {
      rest.close();
    }
  }

  /** Every fault at its time; resolves when the last was undone. */
  async #storm(faults: readonly Fault[]): Promise<void> {
    const injector = new Injector({
      ...{ stack: this.#stack!, chargerLinks: this.#links, chargers: this.#chargers, disk: this.#disk },
      database: () => this.#reader!.ping(),
      onTrouble: (text) => this.#note(text),
    });
    this.#zero = performance.now();
    this.#clock = setInterval(() => this.#progress(), 1000);
    this.#sampler = setInterval(() => this.#acks.sample(performance.now(), this.#waiting), SAMPLE_MS);
    const underWay: Promise<void>[] = [];
    for (const fault of faults) {
      await this.#sleepUntil(fault.atMs);
      underWay.push(this.#inject(injector, fault));
    }
    await this.#sleepUntil(this.o.outages === undefined ? this.o.durationMs : lastOf(faults) + AFTER_OUTAGE_MS);
    // A start may wait for a server that only the healing brings back.
    await Promise.all([injector.heal(), ...underWay]);
  }

  async #inject(injector: Injector, fault: Fault): Promise<void> {
    const beganMs = this.#now();
    this.o.onFault?.({ ...fault, beganMs, endedMs: beganMs, recovery: null });
    try {
      await injector.inject(fault);
    } catch (error) {
      this.#note(`${fault.kind} ${fault.target}: ${(error as Error).message}`);
    }
    this.#faults.push({ ...fault, beganMs, endedMs: this.#now(), recovery: null });
  }

  async #settle(): Promise<{ settledSeconds: number | null; presenceSeconds: number | null; kept: Kept }> {
    const { o } = this;
    this.#phase = 'settling';
    this.#closed = this.#chargers.reduce((sum, charger) => sum + charger.closedOnIt, 0);
    const healed = this.#now();
    await sleep(2000);
    for (const charger of this.#chargers) charger.finish();
    const quiet = await this.#until(() => this.#chargers.every((one) => one.done && one.connected), o.settleMs);
    const settledSeconds = quiet === null ? null : (this.#now() - healed) / 1000;
    await this.#commands!.finish();
    await Promise.all(this.#chargers.filter((_one, k) => k % LEAVES === 0).map((charger) => charger.leave()));
    const left = this.#now();
    const reader = this.#reader!;
    const truth = async () => {
      const online = await reader.online();
      const right = this.#chargers.map((one) => one.book()).every((one) => online.has(one.identity) === one.connected);
      return right && (await reader.unrelayed()) === 0;
    };
    const truthful = await this.#until(truth, PRESENCE_MS);
    return {
      settledSeconds,
      presenceSeconds: truthful === null ? null : (this.#now() - left) / 1000,
      kept: await reader.all(),
    };
  }

  #result(kept: Kept, rest: Pick<ChaosResult, 'notSimulated' | 'settledSeconds' | 'presenceSeconds'>): ChaosResult {
    const { onFault: _f, onNote: _n, onProgress: _p, onLine: _l, signal: _s, ...options } = this.o;
    const books = this.#chargers.map((charger) => charger.book());
    const { violations, totals } = judge(books, kept, this.#commands!.books);
    const all = [...this.#ownViolations, ...violations];
    const wanted = Math.max(5, Math.ceil(this.o.stations / 10));
    const events = books.flatMap(({ sessions }) => sessions.flatMap((session) => session.events));
    return {
      format: 'sigec-chaos/1',
      startedAt: this.#startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      machine: thisMachine(),
      options,
      command: commandOf(this.o),
      passed: all.length === 0,
      faults: this.#faults
        .sort((a, b) => a.atMs - b.atMs)
        .map((one) => ({
          ...one,
          recovery: this.#acks.recovery(this.#zero + one.beganMs, this.#zero + one.endedMs, wanted),
        })),
      notes: this.#notes,
      ledger: totals,
      commandEnds: tally(this.#commands!.books.map((one) => (one.problem === null ? `${one.status}` : one.problem))),
      resent: events.reduce((sum, { sent }) => sum + Math.max(0, sent - 1), 0),
      socketsClosed: this.#closed,
      ...rest,
      violations: all.slice(0, MAX_VIOLATIONS),
      violationCounts: tally(all.map(({ kind }) => kind)),
    };
  }

  /** A process ended that no fault had ended. */
  #lost(reason: string): void {
    const [line = ''] = reason.split('\n');
    const full = this.#disk?.blamed === true && line.startsWith('postgres');
    if (full) this.#note(`${line.slice(0, 300)}: its disk is full`);
    else this.#ownViolations.push({ kind: 'process', identity: '', transaction: null, detail: line.slice(0, 500) });
  }

  #note(text: string): void {
    this.#notes.push(text);
    this.o.onNote?.(text);
  }

  #progress(): void {
    const connected = this.#chargers.filter((charger) => charger.connected).length;
    const waiting = this.#waiting;
    const seconds = Math.round(this.#now() / 1000);
    const { stations } = this.o;
    this.o.onProgress?.({ phase: this.#phase, seconds, stations, connected, acked: this.#acks.count, waiting });
  }

  /** Messages that chargers keep. */
  get #waiting(): number {
    return this.#chargers.reduce((sum, charger) => sum + charger.waiting, 0);
  }

  #now(): number {
    return performance.now() - this.#zero;
  }

  async #sleepUntil(atMs: number): Promise<void> {
    const { signal } = this.o;
    await sleep(Math.max(0, atMs - this.#now()), undefined, signal === undefined ? {} : { signal });
  }

  /** Asks until it is so; null where it never was. */
  async #until(good: () => boolean | Promise<boolean>, patienceMs: number): Promise<true | null> {
    const deadline = performance.now() + patienceMs;
    while (!(await good())) {
      if (this.o.signal?.aborted === true) throw new OptionError('the run was interrupted');
      if (performance.now() > deadline) return null;
      await sleep(POLL_MS);
    }
    return true;
  }
}

function lastOf(faults: readonly Fault[]): number {
  return Math.max(0, ...faults.map(({ atMs, durationMs }) => atMs + durationMs));
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
