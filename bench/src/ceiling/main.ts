/** `pnpm bench:ceiling`: the rounds, the half of capacity, REST; then the table, the file and the page. */
import pc from 'picocolors';
import { machine } from '../machine.js';
import { rotate } from '../maths.js';
import { say } from '../out.js';
import { writeReport } from '../report/write.js';
import { writeResult } from '../results.js';
import { type CeilingOptions, HELP, parseOptions } from './options.js';
import { seen } from './platform.js';
import { print, told, toldHalf, toldRest } from './print.js';
import { measureRest } from './rest.js';
import type { CeilingResult, HalfMeasurement, Measurement, RestMeasurement } from './result.js';
import { measureHalf, measureUnit } from './rounds.js';
import type { Unit } from './targets.js';

const PLAYED: readonly (Unit | 'rest')[] = ['echo', 'fabric', 'ocpp-rpc', 'fabric-nolog', 'ocpp-ws-io', 'rest'];

async function measure(options: CeilingOptions, signal: AbortSignal): Promise<Omit<CeilingResult, 'machine'>> {
  const at = new Date().toISOString();
  const wants = (unit: string) => options.only.length === 0 || options.only.includes(unit);
  const run = { options, signal };
  const measurements: Measurement[] = [];
  const rest: RestMeasurement[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (const unit of rotate(PLAYED.filter(wants), round)) {
      if (unit === 'rest') rest.push(...(await measureRest(run, round, toldRest)));
      else measurements.push(...(await measureUnit(unit, run, round, told)));
    }
  }
  const half: HalfMeasurement[] = wants('half') ? await measureHalf(run, measurements, toldHalf) : [];
  const command = ['pnpm bench:ceiling', ...process.argv.slice(2)].join(' ');
  return { format: 'sigec-bench-ceiling/1', at, command, options, measurements, half, rest };
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    say(HELP);
    return 0;
  }
  const abort = new AbortController();
  const onSignal = () => {
    say(pc.yellow('\nending; again to end at once'));
    abort.abort(new Error('interrupted: nothing was written'));
    process.once('SIGINT', () => process.exit(130));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const found = await measure(options, abort.signal).catch((error: unknown) => {
    // What broke off was told to.
    throw abort.signal.aborted ? abort.signal.reason : error;
  });
  const result: CeilingResult = { ...found, machine: await machine(seen.postgres) };
  print(result);
  // What is kept is a whole run: ratios of one run's parts to another's say nothing.
  if (options.only.length > 0) say(pc.dim('\nnothing is written of a part'));
  else say(pc.dim(`\nwritten: ${[writeResult('ceiling', result), ...writeReport()].join(', ')}`));
  const bad = [...result.measurements, ...result.half].some(({ faults }) => faults > 0);
  return bad || result.rest.some(({ failed }) => failed > 0) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${pc.red(error instanceof Error ? error.message : String(error))}\n`);
  process.exitCode = 2;
}
