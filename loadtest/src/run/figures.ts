/** The room of the result: what the processes counted, put together. */
import type { CommandDriver } from '../api/driver.js';
import { addSparse, newHistogram, type Sparse } from '../measure/counts.js';
import { encode, type Latency, latencyOf, merge } from '../measure/latency.js';
import type { ProcessWatch } from '../measure/processes.js';
import type { Scenario } from '../scenarios/scenario.js';
import { Faults } from '../swarm/faults.js';
import type { Counters, LedgerTotals } from '../swarm/plan.js';
import type { Fleet } from './fleet.js';
import { thisMachine } from './machine.js';
import type { LoadOptions } from './options.js';
import type { RunPlan } from './plans.js';
import type { LoadResult, StormRound } from './result.js';
import type { Series } from './series.js';

export interface Findings {
  readonly options: LoadOptions;
  readonly plan: RunPlan;
  readonly scenario: Scenario;
  readonly startedAt: number;
  readonly ready: StormRound;
  readonly rounds: readonly StormRound[];
  readonly behind: number;
  readonly seconds: number;
  readonly fleet: Fleet;
  readonly driver: CommandDriver | null;
  readonly series: Series;
  readonly watch: ProcessWatch;
}

export function buildResult(found: Findings): LoadResult {
  const { options, plan, scenario, fleet, driver, ready, rounds, seconds, series } = found;
  const { done } = fleet;
  const sum = (key: keyof Counters) => done.reduce((total, part) => total + part.counters[key], 0);
  const faults = new Faults(plan.swarms[0]!.maxExamples);
  for (const part of done) faults.merge(part.faults);
  if (driver !== null) faults.merge(driver.faults.report());
  const { actions, whole } = actionsOf(found);
  const answers = driver === null ? sum('measured') : driver.measured;
  const { pacing } = plan.swarms[0]!;
  return {
    format: 'sigec-loadtest/1',
    startedAt: new Date(found.startedAt).toISOString(),
    endedAt: new Date().toISOString(),
    machine: thisMachine(),
    options: withoutSecrets(options),
    passed: options.tolerate === true || faults.total === 0,
    scenario: scenario.name,
    pacing: driver === null ? pacing.kind : options.rate === undefined ? 'closed' : 'interval',
    stations: {
      asked: options.stations,
      ready: sum('ready'),
      processes: plan.local ? 0 : plan.swarms.length,
      sources: new Set(plan.swarms.flatMap((swarm) => swarm.sources)).size,
      readyMs: ready.readyMs,
    },
    load: {
      seconds,
      answers,
      rate: seconds > 0 ? answers / seconds : 0,
      targetRate: plan.targetRate,
      behind: driver === null ? done.reduce((total, part) => total + part.behind, 0) : found.behind,
      sent: sum('sent'),
      retries: sum('retries'),
      reconnects: sum('reconnects'),
    },
    latency: latencyOf(whole),
    actions,
    setup: latencyOf(merge(done.map((part) => part.setup))),
    connect: latencyOf(merge(done.map((part) => part.connect))),
    sendLag: latencyOf(merge(done.map((part) => part.sendLag))),
    faults: faults.report(),
    verdicts: tally(done.map((part) => part.verdicts)),
    inbound: tally(done.map((part) => part.inbound)),
    ...(scenario.driver === 'storm' ? { storm: rounds } : {}),
    ...(scenario.transactions === true ? { ledger: ledgerOf(fleet) } : {}),
    series,
    processes: { second: found.watch.seconds, all: found.watch.figures(answers) },
    histogram: encode(whole),
  };
}

/** Per action, and all together: in `commands` the commands are the load, and heartbeats only stand beside it. */
function actionsOf({ fleet, driver }: Findings) {
  const byLabel = new Map<string, Sparse[]>();
  for (const part of fleet.done) {
    for (const [label, sparse] of Object.entries(part.actions)) {
      byLabel.set(label, [...(byLabel.get(label) ?? []), sparse]);
    }
  }
  const whole = newHistogram();
  if (driver === null) for (const parts of byLabel.values()) for (const part of parts) addSparse(whole, part);
  else {
    const commands = driver.latency.sparse();
    byLabel.set(`POST commands/${driver.action}`, [commands]);
    addSparse(whole, commands);
  }
  const actions: Record<string, Latency> = {};
  for (const [label, parts] of [...byLabel].sort()) actions[label] = latencyOf(merge(parts));
  return { actions, whole };
}

function ledgerOf({ done, rows }: Fleet): NonNullable<LoadResult['ledger']> {
  const totals: LedgerTotals = { transactions: 0, started: 0, stopped: 0, messages: 0, energyWh: 0 };
  for (const part of done) {
    for (const key of Object.keys(totals) as (keyof LedgerTotals)[]) totals[key] += part.ledger[key];
  }
  return { totals, truncated: rows.length < totals.transactions, transactions: rows };
}

function tally(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const part of parts) for (const [name, count] of Object.entries(part)) all[name] = (all[name] ?? 0) + count;
  return all;
}

const MASK = '***';

function withoutSecrets(options: LoadOptions): Record<string, unknown> {
  const { onProgress: _p, signal: _s, ca, password, credentials, api, ...plain } = options;
  return {
    ...plain,
    ...(password === undefined ? {} : { password: MASK }),
    ...(credentials === undefined ? {} : { credentials: credentials.length }),
    ...(ca === undefined ? {} : { ca: true }),
    ...(api === undefined ? {} : { api: { ...api, password: MASK } }),
  };
}
