/** The room of `loadtest soak`: its options, and what happens with the result. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { fieldsJson, writeFiles } from '../report/files.js';
import { soakText } from '../report/soak-terminal.js';
import { ProgressLine } from '../report/terminal.js';
import type { Language } from '../report/words.js';
import { LogLines } from './fleet-command.js';
import { SOAK_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

interface Typed {
  readonly stations?: number;
  readonly duration?: number;
  readonly days?: number;
  readonly edges?: number;
  readonly workers?: number;
  readonly version?: string;
  readonly seed?: number;
  readonly set?: Readonly<Record<string, string>>;
  readonly out?: string;
  readonly lang: Language;
}

export function addSoak(program: Command, around: Surroundings): void {
  program
    .command('soak')
    .description('hours of a compressed day: does anything grow? · horas de um dia comprimido: algo cresce?')
    .option('--stations <n>', 'how many (default: 1000)', value.count)
    .option('--duration <time>', 'of the whole (default: 1h)', value.duration)
    .option('--days <n>', 'days within it; the first warms up (default: 4)', value.count)
    .option('--edges <n>', 'edge processes (default: 2)', value.count)
    .option('--workers <n>', 'worker processes (default: 2)', value.count)
    .option('--version <mix>', 'OCPP versions (default: 1.6:50,2.0.1:30,2.1:20)')
    .option('--seed <n>', 'of everything random', value.count)
    .option('--set <NAME=value...>', 'configuration of the product', value.setting)
    .option('--out <folder>', 'write soak.json, result.json and report.html')
    .addOption(
      new Option('--lang <language>', 'of progress and result')
        .choices(['pt', 'en'])
        .default(around.language, 'by locale'),
    )
    .addHelpText('after', SOAK_HELP)
    .action(async (typed: Typed) => {
      around.exit(await soak(typed, around));
    });
}

async function soak(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang, duration: durationMs, set: env, out: folder, ...given } = typed;
  const progress = new ProgressLine(out, lang);
  const say = (text: string) => {
    progress.clear();
    out.write(text);
  };
  const log = new LogLines(say);
  try {
    const { runSoak } = await import('../soak/soak.js');
    const result = await runSoak({
      ...{ ...given, durationMs, env, signal },
      onProgress: (now) => progress.show(now),
      onLine: (line) => log.take(line),
    });
    log.end();
    say(soakText(result, lang));
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      const { load, ...figures } = result;
      const path = join(folder, 'soak.json');
      writeFileSync(path, fieldsJson(figures));
      for (const written of [path, ...writeFiles(folder, load, lang)]) out.write(`${written}\n`);
    }
    return result.passed ? 0 : 1;
  } catch (error) {
    say(`${(error as Error).message}\n`);
    return 2;
  }
}
