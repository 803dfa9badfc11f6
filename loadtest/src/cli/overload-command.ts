/** The room of `loadtest overload`: its options, and what happens with the result. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { fieldsJson } from '../report/files.js';
import { overloadText, partText } from '../report/overload-terminal.js';
import type { Language } from '../report/words.js';
import { LogLines } from './fleet-command.js';
import { OVERLOAD_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

interface Typed {
  readonly stations?: number;
  readonly rate?: number;
  readonly crowd?: number;
  readonly admit?: number;
  readonly duration?: number;
  readonly set?: Readonly<Record<string, string>>;
  readonly out?: string;
  readonly lang: Language;
}

export function addOverload(program: Command, around: Surroundings): void {
  program
    .command('overload')
    .description('sessions under a crowd that dials far too often · sessões sob uma multidão que disca demais')
    .option('--stations <n>', 'in session (default: 300)', value.count)
    .option('--rate <n>', 'transaction events per second of all of them (default: 300/s)', value.rate)
    .option('--crowd <n>', 'chargers that want in (default: 6000)', value.count)
    .option('--admit <n>', 'upgrades that the edge admits per second (default: 50)', value.count)
    .option('--duration <time>', 'how long the crowd stays (default: 60s)', value.duration)
    .option('--set <NAME=value...>', 'configuration of the product', value.setting)
    .option('--out <folder>', 'write overload.json')
    .addOption(
      new Option('--lang <language>', 'of the result').choices(['pt', 'en']).default(around.language, 'by locale'),
    )
    .addHelpText('after', OVERLOAD_HELP)
    .action(async (typed: Typed) => {
      around.exit(await overload(typed, around));
    });
}

async function overload(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang, duration: durationMs, set: env, out: folder, ...given } = typed;
  const log = new LogLines((text) => void out.write(text));
  try {
    const { runOverload } = await import('../overload/overload.js');
    const result = await runOverload({
      ...{ ...given, durationMs, env, signal },
      onPart: (part) => void out.write(partText(part, lang)),
      onLine: (line) => log.take(line),
    });
    log.end();
    out.write(overloadText(result, lang));
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      const path = join(folder, 'overload.json');
      writeFileSync(path, fieldsJson(result));
      out.write(`${path}\n`);
    }
    return result.passed ? 0 : 1;
  } catch (error) {
    out.write(`${(error as Error).message}\n`);
    return 2;
  }
}
