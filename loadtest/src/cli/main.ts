/** The room of the command line. */
import { Command, CommanderError } from 'commander';
import { writeAgain } from '../report/files.js';
import type { Terminal } from '../report/terminal.js';
import { type Language, languageOf } from '../report/words.js';
import { addChaos, addChaosTable } from './chaos-command.js';
import { addFleet } from './fleet-command.js';
import { addGrowth } from './growth-command.js';
import { SCENARIO_HELP } from './help.js';
import { addLive } from './live-command.js';
import { addOverload } from './overload-command.js';
import { addRun } from './run-command.js';
import { addSoak } from './soak-command.js';

const DESCRIPTION = `Load tests for any OCPP-J CSMS: swarms of stations over 1.6, 2.0.1 and 2.1 that check every answer.
Testes de carga para qualquer CSMS OCPP-J: enxames de estações 1.6, 2.0.1 e 2.1 que conferem cada resposta.`;

/** Runs a command line; returns the exit code: 0 passed, 1 faults, 2 could not be made. */
export async function main(
  argv: readonly string[],
  out: Terminal = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  let code = 0;
  const abort = new AbortController();
  const onSignal = () => {
    // The first ends the load in order, the second ends the process.
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const program = new Command('loadtest').description(DESCRIPTION).exitOverride();
  program.configureOutput({ writeOut: (text) => void out.write(text), writeErr: (text) => void out.write(text) });
  program.addHelpText(
    'after',
    `${SCENARIO_HELP}\nMore: loadtest run --help, loadtest fleet --help, loadtest growth --help, loadtest chaos --help · Mais: o mesmo\n`,
  );
  const language = languageOf(env);
  const exit = (result: number) => {
    code = result;
  };
  const around = { out, env, language, signal: abort.signal, exit };
  addRun(program, around);
  addFleet(program, around);
  addGrowth(program, around);
  addChaos(program, around);
  addChaosTable(program);
  addSoak(program, around);
  addOverload(program, around);
  addLive(program, around);
  program
    .command('report')
    .description('draw the report of a result again · desenha de novo o relatório de um resultado')
    .argument('<file>', 'result.json, fleet.json or chaos.json')
    .requiredOption('--out <folder>', 'where to')
    .option('--lang <language>', 'pt or en', language)
    .action((file: string, { out: folder, lang }: { out: string; lang: Language }) => {
      for (const path of writeAgain(folder, file, lang)) out.write(`${path}\n`);
    });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    out.write(`${(error as Error).message}\n`);
    return 2;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  return code;
}
