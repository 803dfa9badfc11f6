/** The room of `loadtest soak`: its options, and what happens with the result. */
import type { Command } from 'commander';
import { writeFiles } from '../report/files.js';
import { soakText } from '../report/soak-terminal.js';
import { type Common, loadOptions, outputOptions, perform, productOptions, writeJson } from './common.js';
import { SOAK_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

interface Typed extends Common {
  readonly stations?: number;
  readonly duration?: number;
  readonly days?: number;
  readonly seed?: number;
}

export function addSoak(program: Command, around: Surroundings): void {
  const command = program
    .command('soak')
    .description('hours of a compressed day: does anything grow? · horas de um dia comprimido: algo cresce?');
  loadOptions(command, { stations: '1000', duration: 'of the whole (default: 1h)' }).option(
    '--days <n>',
    'days within it; the first warms up (default: 4)',
    value.count,
  );
  productOptions(command, { edges: '2', workers: 2 });
  outputOptions(command, around.language, 'soak.json, result.json and report.html')
    .addHelpText('after', SOAK_HELP)
    .action(async (typed: Typed) => {
      around.exit(await soak(typed, around));
    });
}

function soak(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang, duration: durationMs, set: env, out: folder, ...given } = typed;
  return perform(
    out,
    lang,
    async ({ say: _say, ...stage }) => {
      const { runSoak } = await import('../soak/soak.js');
      return runSoak({ ...given, ...stage, durationMs, env, signal });
    },
    (result, say) => {
      say(soakText(result, lang));
      const { load, ...figures } = result;
      writeJson(out, folder, 'soak.json', figures);
      if (folder !== undefined) for (const written of writeFiles(folder, load, lang)) out.write(`${written}\n`);
    },
  );
}
