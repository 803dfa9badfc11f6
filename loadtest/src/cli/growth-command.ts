/** The room of `loadtest growth`: its options, and what happens with the result. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { GrowthOptions } from '../fleet/growth.js';
import { fieldsJson } from '../report/files.js';
import { growthText, sizeText } from '../report/growth-terminal.js';
import { ProgressLine } from '../report/terminal.js';
import type { Language } from '../report/words.js';
import { LogLines } from './fleet-command.js';
import { GROWTH_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

interface Typed extends Pick<GrowthOptions, 'rate' | 'edges' | 'workers' | 'version'> {
  readonly stations: readonly number[];
  readonly hold?: number;
  readonly idle?: number;
  readonly set?: Readonly<Record<string, string>>;
  readonly out?: string;
  readonly lang: Language;
}

export function addGrowth(program: Command, around: Surroundings): void {
  program
    .command('growth')
    .description('what a message costs in fleets of several sizes · quanto custa uma mensagem conforme a frota')
    .requiredOption('--stations <list>', 'sizes, e.g. 1000,10000,100000', value.counts)
    .option('--rate <n>', 'messages per second of the whole fleet, at each size (default: 1000/s)', value.rate)
    .option('--hold <time>', 'how long each is measured (default: 30s)', value.duration)
    .option('--idle <time>', 'how long idling is measured (default: 15s)', value.duration)
    .option('--edges <n>', 'edge processes, the same at each size (default: as the largest needs)', value.count)
    .option('--workers <n>', 'worker processes (default: 1)', value.count)
    .option('--version <mix>', 'OCPP versions (default: 1.6:50,2.0.1:30,2.1:20)')
    .option('--set <NAME=value...>', 'configuration of the product, e.g. SIGEC_MESSAGE_LOG=off', value.setting)
    .option('--out <folder>', 'write growth.json')
    .addOption(
      new Option('--lang <language>', 'of progress and result')
        .choices(['pt', 'en'])
        .default(around.language, 'by locale'),
    )
    .addHelpText('after', GROWTH_HELP)
    .action(async (typed: Typed) => {
      around.exit(await growth(typed, around));
    });
}

async function growth(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang, stations: sizes, rate, hold: holdMs, idle: idleMs, edges, workers, version, set: env } = typed;
  const progress = new ProgressLine(out, lang);
  const say = (text: string) => {
    progress.clear();
    out.write(text);
  };
  const log = new LogLines(say);
  try {
    const { runGrowth } = await import('../fleet/growth.js');
    const result = await runGrowth({
      ...{ sizes, rate, holdMs, idleMs, edges, workers, version, env, signal },
      onProgress: (now) => progress.show(now),
      onSize: (size) => say(sizeText(size, lang)),
      onLine: (line) => log.take(line),
    });
    log.end();
    say(growthText(result, lang));
    if (typed.out !== undefined) {
      mkdirSync(typed.out, { recursive: true });
      const path = join(typed.out, 'growth.json');
      writeFileSync(path, fieldsJson(result));
      out.write(`${path}\n`);
    }
    return result.passed ? 0 : 1;
  } catch (error) {
    say(`${(error as Error).message}\n`);
    return 2;
  }
}
