/** The room of the phases of a fleet's run: what is done in each, and what it finds. */
import { CommandDriver } from '../api/driver.js';
import { latencyOf, merge } from '../measure/latency.js';
import type { StormRound } from '../run/result.js';
import type { Stack } from '../stack/stack.js';
import { seeded } from '../swarm/random.js';
import type { Book, Found } from './book.js';
import type { Checklist } from './checklist.js';
import type { Settled } from './options.js';
import { sessionsOf } from './product.js';
import type { Fact } from './result.js';
import type { LoadFound, Tour } from './tour.js';
import type { PartyUsage } from './watch.js';

/** What the phases work with. */
export interface Run {
  readonly options: Settled;
  readonly stack: Stack;
  readonly tour: Tour;
  readonly book: Book;
  readonly checks: Checklist;
}

/** A load without an end of its own: until it is told to rest. */
const UNTIL_REST_MS = 86_400_000;
/** A tick of every process has told who is there. */
const TOLD_MS = 2500;
const MAX_EXAMPLES = 5;
/** The first commands ever meet code that nobody has run yet. */
const COMMANDS_WARMUP_MS = 3000;

export async function connect({ options, stack, tour, checks }: Run): Promise<Found> {
  const round = await tour.connect();
  checks.add('allConnected', round.readyMs !== null, `${round.stations.count} / ${options.stations}`);
  return roundFound(round, await fullest(stack));
}

/** @param before what everybody used before the first station came */
export async function idle({ options, tour, book, checks }: Run, before: PartyUsage): Promise<Found> {
  await tour.pause(Math.max(options.idleMs, TOLD_MS));
  const now = book.watch!.usage();
  checks.add('idleHeld', tour.ready === options.stations, `${tour.ready} / ${options.stations}`);
  const each = (...parties: (keyof PartyUsage)[]) =>
    parties.reduce((sum, p) => sum + now[p].rssBytes - before[p].rssBytes, 0) / options.stations;
  return {
    messages: 0,
    facts: {
      bytesPerCharger: each('edge', 'worker'),
      natsBytesPerCharger: each('nats'),
      otherBytesPerCharger: each('control', 'redis', 'postgres'),
      clientBytesPerCharger: each('client'),
    },
  };
}

/** Logs in and finds the stations, which is not measured. */
export async function prepareCommands({ options, stack, tour }: Run): Promise<CommandDriver> {
  const { commandRate: rate, timeoutMs, seed } = options;
  const { identities } = tour;
  const random = seeded(seed);
  const driver = new CommandDriver({ api: stack.api!, identities, rate, timeoutMs, maxExamples: MAX_EXAMPLES, random });
  try {
    await driver.prepare();
    return driver;
  } catch (error) {
    driver.close();
    throw error;
  }
}

/** Closes the driver. */
export async function commands({ options, tour, book, checks }: Run, driver: CommandDriver): Promise<Found> {
  const { commandRate, commandsMs } = options;
  book.driver = driver;
  try {
    const began = performance.now();
    const from = began + Math.min(COMMANDS_WARMUP_MS, commandsMs / 4);
    await driver.run(began, from, from + commandsMs, tour.signal);
    const seconds = (performance.now() - began) / 1000;
    const [example] = driver.faults.report().examples;
    const detail = `${driver.answered} / ${driver.sent}${example === undefined ? '' : ` (${example.detail})`}`;
    checks.add('commandsAnswered', driver.sent > 0 && driver.answered === driver.sent, detail);
    const latency = latencyOf(merge([driver.latency.sparse()]));
    return { messages: driver.answered, latency, seconds, facts: { targetRate: commandRate } };
  } finally {
    book.driver = null;
    driver.close();
  }
}

/** Sends not made by the end of a hold, of those that were answered; a server that stalls leaves far more. */
const BEHIND_SHARE = 0.02;

export async function hold({ options, tour, checks }: Run): Promise<Found> {
  const load = await tour.hold(options.holdMs);
  // A station whose answer is still to come when the hold ends has not made its last send: that is no loss.
  const made = load.behind <= load.answers * BEHIND_SHARE;
  checks.add(
    'holdAnswered',
    made && load.answers > 0 && tour.ready === options.stations,
    `${load.answers} (-${load.behind}), ${tour.ready} / ${options.stations}`,
  );
  return loadFound(load, { targetRate: targetRate(options) });
}

export async function cut({ options, stack, tour, checks }: Run): Promise<Found> {
  const round = await tour.cut();
  checks.add('allBackAfterCut', round.readyMs !== null, `${round.stations.count} / ${options.stations}`);
  await tour.pause(TOLD_MS);
  return roundFound(round, await fullest(stack));
}

/** Kills the first edge under load, and waits for its chargers. */
export async function kill({ options, stack, tour, checks }: Run): Promise<Found> {
  tour.load(UNTIL_REST_MS);
  await tour.pause(TOLD_MS);
  tour.expectLosses();
  // Every process has to hear that before the first socket is lost.
  await tour.pause(TOLD_MS / 5);
  const edge = stack.edges[0]!;
  const sessions = await sessionsOf(edge);
  const killedAt = Date.now();
  await edge.kill();
  await tour.back(sessions);
  await tour.pause(options.afterKillMs);
  const load = await tour.rest();
  const lost = `${load.lost} / ${sessions}`;
  checks.add('onlyThatEdge', load.lost === sessions, lost);
  checks.add(
    'allBackAfterKill',
    load.back.count === load.lost && tour.ready === options.stations,
    `${load.back.count} / ${load.lost}, ${tour.ready} / ${options.stations}`,
  );
  return loadFound(load, {
    sessions,
    lost: load.lost,
    fullestEdge: await fullest(stack),
    readySeconds: load.lastBackAt === 0 ? 0 : (load.lastBackAt - killedAt) / 1000,
    hitAnswers: load.hit.count,
    hitP99: load.hit.p99,
    backP50: load.back.p50,
    backP99: load.back.p99,
  });
}

/** Messages per second that a hold is to make. */
export function targetRate({ stations, heartbeatMs, meterMs, charging }: Settled): number {
  const beats = 1000 / heartbeatMs;
  return stations * (beats + charging * beats * Math.max(1, Math.round(heartbeatMs / meterMs)));
}

async function fullest({ edges }: Stack): Promise<number> {
  return Math.max(...(await Promise.all(edges.filter(({ alive }) => alive).map(sessionsOf))));
}

function roundFound({ connectedMs, readyMs, stations }: StormRound, fullestEdge: number): Found {
  const found: Found = { messages: stations.count, latency: stations, facts: { fullestEdge } };
  if (connectedMs === null || readyMs === null) return found;
  const [connectedSeconds, readySeconds] = [connectedMs / 1000, readyMs / 1000];
  return { ...found, seconds: readySeconds, facts: { connectedSeconds, readySeconds, fullestEdge } };
}

function loadFound(load: LoadFound, facts: Partial<Record<Fact, number>>): Found {
  const { answers, latency, actions, seconds, behind, lag } = load;
  return { messages: answers, latency, actions, seconds, facts: { behind, clientLagP99: lag.p99, ...facts } };
}
