/** The room of running a scenario: the built-in ones, and the steps of any other, on a station. */
import { alarm, askContract, askStatus, settle } from './asks.js';
import { checkScenario, loadScenario, type Scenario, type Step } from './steps.js';
import { ClosedError } from './timers.js';
import type { Station, TransactionInfo } from './types.js';

export type ScenarioName = 'idle' | 'session' | 'remote';

export interface ScenarioOptions {
  /** Samples of the built-in session. Default 10. */
  meterValues?: number;
  /** What follows the built-in session and remote scenario. Default `exit`. */
  ending?: 'exit' | 'idle';
}

export interface ScenarioResult {
  /** False when the station was closed before the last step was done. An idle scenario always ends so. */
  completed: boolean;
  /** The transactions that ended meanwhile. */
  transactions: TransactionInfo[];
}

/** A step could not be done. `step` counts from 0. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  constructor(
    readonly step: number,
    action: string,
    cause: unknown,
  ) {
    super(`step ${step} (${action}): ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const FLUSH_S = 30;

export const SCENARIO_NAMES: readonly ScenarioName[] = ['idle', 'session', 'remote'];

/** The steps of a built-in scenario. */
export function builtIn(name: ScenarioName, station: Station, options: ScenarioOptions = {}): Scenario {
  const ending: Step[] = [{ do: 'flush' }, ...(options.ending === 'idle' ? [{ do: 'idle' } as const] : [])];
  switch (name) {
    case 'idle':
      return [{ do: 'boot' }, { do: 'idle' }];
    case 'remote':
      return [{ do: 'boot' }, { do: 'remote' }, ...ending];
    case 'session':
      return [
        { do: 'boot' },
        { do: 'status', connector: 1, status: station.version === '1.6' ? 'Preparing' : 'Occupied' },
        { do: 'authorize' },
        { do: 'start', evse: 1 },
        { do: 'meter', evse: 1, every: station.meterIntervalS, times: options.meterValues ?? 10 },
        { do: 'stop', evse: 1, reason: 'Local' },
        ...ending,
      ];
  }
}

/** A built-in scenario's name, or the steps of the file of that path. */
export async function resolveScenario(nameOrPath: string): Promise<ScenarioName | Scenario> {
  const name = SCENARIO_NAMES.find((known) => known === nameOrPath);
  return name ?? loadScenario(nameOrPath);
}

/**
 * Runs a scenario to its end. Resolves with `completed: false` when the station is closed meanwhile; rejects with
 * {@link ScenarioError} when a step fails. The station stays open.
 */
export async function runScenario(
  station: Station,
  scenario: ScenarioName | Scenario,
  options: ScenarioOptions = {},
): Promise<ScenarioResult> {
  const steps = typeof scenario === 'string' ? builtIn(scenario, station, options) : checkScenario(scenario);
  const transactions: TransactionInfo[] = [];
  const onStopped = (transaction: TransactionInfo) => void transactions.push(transaction);
  station.on('stopped', onStopped);
  try {
    for (const [i, step] of steps.entries()) {
      try {
        await run(station, step, transactions);
      } catch (error) {
        if (error instanceof ClosedError || station.isClosed) return { completed: false, transactions };
        throw new ScenarioError(i, step.do, error);
      }
      if (station.isClosed) return { completed: false, transactions };
    }
    return { completed: true, transactions };
  } finally {
    station.off('stopped', onStopped);
  }
}

async function run(station: Station, step: Step, ended: readonly TransactionInfo[]): Promise<void> {
  switch (step.do) {
    case 'boot':
      return station.boot();
    case 'status':
      return station.setStatus(step.connector ?? 1, step.status);
    case 'authorize': {
      const status = await station.authorize(step.idToken);
      if (status !== 'Accepted') throw new Error(`idToken: ${status}`);
      return;
    }
    case 'start':
      station.startTransaction({ evse: step.evse, idToken: step.idToken, auto: step.auto ?? false });
      return;
    case 'meter':
      for (let n = 0; n < (step.times ?? 1); n++) {
        await station.wait(step.every ?? station.meterIntervalS);
        station.meter(step.evse ?? 1);
      }
      return;
    case 'stop':
      station.stopTransaction(step.evse ?? 1, step.reason ?? 'Local');
      return;
    case 'wait':
      return station.wait(step.seconds);
    case 'disconnect':
      station.disconnect(step.seconds === undefined ? undefined : (step.seconds * 1000) / station.speed);
      return;
    case 'send':
      await station.send(step.action, step.payload ?? {});
      return;
    case 'observe':
      station.observe(step.variable, step.value);
      return;
    case 'limit':
      station.limit(step.watts ?? null, step.evse ?? 0, step.source);
      return;
    case 'prioritise':
      station.prioritise(step.evse ?? 1, step.active);
      return;
    case 'settle': {
      const transactionId = ended.at(-1)?.transactionId;
      const pspRef = step.pspRef ?? `SIM-${Date.now()}`;
      return settle(station, { amount: step.amount, transactionId, vatNumber: step.vatNumber, pspRef });
    }
    case 'contract': {
      const status = await askContract(station, step.renew === true ? 'Update' : 'Install', step.exiRequest ?? 'gJg=');
      if (status !== 'Accepted') throw new Error(`contract: ${status}`);
      return;
    }
    case 'certificates': {
      const unknown = (await askStatus(station)).filter((status) => status === 'Failed');
      if (unknown.length > 0) throw new Error(`certificates: ${unknown.join(', ')}`);
      return;
    }
    case 'alarm':
      return alarm(station, step.control, step.fault, step.ended);
    case 'flush': {
      const seconds = step.seconds ?? FLUSH_S;
      if (!(await station.flush(seconds * 1000))) throw new Error(`messages unanswered after ${seconds} s`);
      return;
    }
    case 'remote':
      return remote(station, ended);
    case 'idle':
      return new Promise((resolve) => {
        if (station.isClosed) resolve();
        else station.once('closed', resolve);
      });
  }
}

/** Resolves when a transaction of the CSMS's has ended, also one that began while the station still booted. */
function remote(station: Station, ended: readonly TransactionInfo[]): Promise<void> {
  if (ended.some((transaction) => transaction.remote)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const done = (transaction: TransactionInfo) => {
      if (!transaction.remote) return;
      off();
      resolve();
    };
    const closed = () => {
      off();
      reject(new ClosedError());
    };
    const off = () => {
      station.off('stopped', done);
      station.off('closed', closed);
    };
    station.on('stopped', done);
    station.on('closed', closed);
  });
}
