/** The room of `loadtest overload`: its options, and what happens with the result. */
import type { Command } from 'commander';
import { overloadText, partText } from '../report/overload-terminal.js';
import { type Common, ending, LogLines, outputOptions, writeJson } from './common.js';
import { OVERLOAD_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

interface Typed extends Pick<Common, 'set' | 'out' | 'lang'> {
  readonly stations?: number;
  readonly rate?: number;
  readonly crowd?: number;
  readonly admit?: number;
  readonly duration?: number;
}

export function addOverload(program: Command, around: Surroundings): void {
  const command = program
    .command('overload')
    .description('sessions under a crowd that dials far too often · sessões sob uma multidão que disca demais')
    .option('--stations <n>', 'in session (default: 300)', value.count)
    .option('--rate <n>', 'transaction events per second of all of them (default: 300/s)', value.rate)
    .option('--crowd <n>', 'chargers that want in (default: 6000)', value.count)
    .option('--admit <n>', 'upgrades that the edge admits per second (default: 50)', value.count)
    .option('--duration <time>', 'how long the crowd stays (default: 60s)', value.duration);
  outputOptions(command, around.language, 'overload.json')
    .addHelpText('after', OVERLOAD_HELP)
    .action(async (typed: Typed) => {
      around.exit(await overload(typed, around));
    });
}

async function overload(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang, duration: durationMs, set: env, out: folder, ...given } = typed;
  const say = (text: string) => void out.write(text);
  const log = new LogLines(say);
  return ending(say, async () => {
    const { runOverload } = await import('../overload/overload.js');
    const result = await runOverload({
      ...{ ...given, durationMs, env, signal },
      onPart: (part) => say(partText(part, lang)),
      onLine: (line) => log.take(line),
    });
    log.end();
    say(overloadText(result, lang));
    writeJson(out, folder, 'overload.json', result);
    return result.passed;
  });
}
