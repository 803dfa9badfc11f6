/** The room of `loadtest growth`: its options, and what happens with the result. */
import type { Command } from 'commander';
import { growthText, sizeText } from '../report/growth-terminal.js';
import { type Common, outputOptions, perform, productOptions, writeJson } from './common.js';
import { GROWTH_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

interface Typed extends Common {
  readonly stations: readonly number[];
  readonly rate?: number;
  readonly hold?: number;
  readonly idle?: number;
}

export function addGrowth(program: Command, around: Surroundings): void {
  const command = program
    .command('growth')
    .description('what a message costs in fleets of several sizes · quanto custa uma mensagem conforme a frota')
    .requiredOption('--stations <list>', 'sizes, e.g. 1000,10000,100000', value.counts)
    .option('--rate <n>', 'messages per second of the whole fleet, at each size (default: 1000/s)', value.rate)
    .option('--hold <time>', 'how long each is measured (default: 30s)', value.duration)
    .option('--idle <time>', 'how long idling is measured (default: 15s)', value.duration);
  productOptions(command, { edges: 'as the largest needs', workers: 1 });
  outputOptions(command, around.language, 'growth.json')
    .addHelpText('after', GROWTH_HELP)
    .action(async (typed: Typed) => {
      around.exit(await growth(typed, around));
    });
}

function growth(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang, stations: sizes, rate, hold: holdMs, idle: idleMs, edges, workers, version, set: env } = typed;
  return perform(
    out,
    lang,
    async ({ say, ...stage }) => {
      const { runGrowth } = await import('../fleet/growth.js');
      return runGrowth({
        ...{ ...stage, sizes, rate, holdMs, idleMs, edges, workers, version, env, signal },
        onSize: (size) => say(sizeText(size, lang)),
      });
    },
    (result, say) => {
      say(growthText(result, lang));
      writeJson(out, typed.out, 'growth.json', result);
    },
  );
}
