/** `sigec station`: a simulated charger on a terminal. */
import { attachView, createStation, resolveScenario, runScenario, type StationOptions } from '@sigec/sim';
import { complain } from '../out.js';

export interface StationFlags {
  readonly url: string;
  readonly id: string;
  readonly version: string;
  readonly password?: string;
  readonly token: string;
  readonly evses: number;
  readonly variables?: number;
  readonly power: number;
  readonly battery: number;
  readonly meterStart: number;
  readonly speed: number;
  readonly meterInterval: number;
  readonly scenario: string;
}

/** Time for the last answers before the station leaves, ms. */
const FLUSH_MS = 15_000;

/** Runs a scenario to its end, or until Ctrl-C. Exit code 1 where it failed. */
export async function station(flags: StationFlags): Promise<void> {
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const scenario = await resolveScenario(flags.scenario);
    const simulated = createStation({
      url: flags.url,
      identity: flags.id,
      version: flags.version as StationOptions['version'],
      // The environment keeps a password out of the list of processes.
      password: flags.password ?? process.env.SIGEC_STATION_PASSWORD,
      idToken: flags.token,
      evses: flags.evses,
      variables: flags.variables,
      maxPowerW: flags.power,
      batteryWh: flags.battery,
      meterStartWh: flags.meterStart,
      speed: flags.speed,
      meterIntervalS: flags.meterInterval,
      signal: abort.signal,
    });
    const detach = attachView(simulated, process.stdout);
    try {
      const { completed } = await runScenario(simulated, scenario);
      if (completed && !(await simulated.flush(FLUSH_MS))) throw new Error('messages were left unanswered');
    } finally {
      await simulated.close();
      detach();
    }
  } catch (error) {
    complain(`sigec station: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
