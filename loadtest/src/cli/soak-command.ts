/** The room of `loadtest soak`: its options, and what happens with the result. */
import type { Command } from 'commander';
import { writeFiles } from '../report/files.js';
import { soakText } from '../report/soak-terminal.js';
import { ProgressLine } from '../report/terminal.js';
import { type Common, ending, LogLines, outputOptions, productOptions, writeJson } from './common.js';
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
    .description('hours of a compressed day: does anything grow? · horas de um dia comprimido: algo cresce?')
    .option('--stations <n>', 'how many (default: 1000)', value.count)
    .option('--duration <time>', 'of the whole (default: 1h)', value.duration)
    .option('--days <n>', 'days within it; the first warms up (default: 4)', value.count)
    .option('--seed <n>', 'of everything random', value.count);
  productOptions(command, { edges: '2', workers: 2 });
  outputOptions(command, around.language, 'soak.json, result.json and report.html')
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
  return ending(say, async () => {
    const { runSoak } = await import('../soak/soak.js');
    const result = await runSoak({
      ...{ ...given, durationMs, env, signal },
      onProgress: (now) => progress.show(now),
      onLine: (line) => log.take(line),
    });
    log.end();
    say(soakText(result, lang));
    const { load, ...figures } = result;
    writeJson(out, folder, 'soak.json', figures);
    if (folder !== undefined)
      for (const written of writeFiles(folder, load, lang))
        out.write(`${written}
`);
    return result.passed;
  });
}
