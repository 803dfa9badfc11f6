/** The room of `loadtest chaos`: its options, what is told while it runs, and what happens with the result. */
import { type Command, InvalidArgumentError } from 'commander';
import type { ChaosOptions } from '../chaos/options.js';
import { writeChaosTables } from '../report/chaos-table.js';
import { chaosText, faultText, progressText } from '../report/chaos-terminal.js';
import { writeChaosFiles } from '../report/files.js';
import { type Common, ending, LogLines, outputOptions, productOptions } from './common.js';
import { CHAOS_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

/** What commander makes of the command line; times in milliseconds. */
interface Typed extends Common, Pick<ChaosOptions, 'seed' | 'stations' | 'commandRate'> {
  readonly duration?: number;
  readonly every?: number;
  readonly faults?: readonly string[];
  readonly outage?: ChaosOptions['outages'];
  readonly maxHopeless?: number;
  readonly settle?: number;
  readonly postgres?: Readonly<Record<string, string>>;
}

const PROGRESS_EVERY_SECONDS = 5;
/** Under faults the log is full of stacks that say the same. */
const LOG_WIDTH = 240;

export function addChaos(program: Command, around: Surroundings): void {
  const command = program
    .command('chaos')
    .description('our product under a seeded schedule of faults · o produto sob um roteiro de falhas com semente')
    .option('--seed <n>', 'of the schedule, the chargers and the commands (default: 1)', value.count)
    .option('--stations <n>', 'how many (default: 200)', value.count)
    .option('--duration <time>', 'of the schedule (default: 60s)', value.duration)
    .option('--every <time>', 'from fault to fault, on average (default: 4s)', value.duration)
    .option('--faults <list>', 'kinds, or kind:target, e.g. kill:postgres,cut (default: all)', list)
    .option('--outage <list>', 'instead of a schedule: servers away for long, e.g. nats=60s,postgres=60s', outages)
    .option('--command-rate <n>', 'commands per second through REST (default: 2/s)', value.rate)
    .option('--max-hopeless <time>', 'longest time without any way to an answer (default: 15s)', value.duration)
    .option('--settle <time>', 'for the chargers to say all they kept (default: 90s)', value.duration)
    .option('--postgres <name=value...>', 'settings of PostgreSQL, e.g. synchronous_commit=off', postgresSetting);
  productOptions(command, { edges: '2', workers: 2 });
  outputOptions(command, around.language, 'chaos.json and report.html')
    .addHelpText('after', CHAOS_HELP)
    .action(async (typed: Typed) => {
      around.exit(await chaos(typed, around));
    });
}

export function addChaosTable(program: Command): void {
  program
    .command('chaos-table')
    .description('write the tables of chaos results into a page · escreve as tabelas dos resultados numa página')
    .argument('<results...>', 'chaos.json files')
    .requiredOption('--into <file>', 'Markdown with the marks <!-- chaos: begin --> and <!-- chaos: end -->')
    .action((results: string[], { into }: { into: string }) => writeChaosTables(results, into));
}

function outages(text: string): NonNullable<ChaosOptions['outages']> {
  return list(text).map((part) => {
    const [, target = '', time = ''] = /^(nats|redis|postgres)=(.+)$/.exec(part) ?? [];
    if (target !== 'nats' && target !== 'redis' && target !== 'postgres')
      throw new InvalidArgumentError('must be like nats=60s,postgres=60s');
    return { target, durationMs: value.duration(time) };
  });
}

const list = (text: string): string[] => text.split(',').map((part) => part.trim());

function postgresSetting(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name = '', setting = ''] = /^([a-z_]+)=(\S+)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('must be like synchronous_commit=off');
  return { ...before, [name]: setting };
}

function toOptions(typed: Typed): ChaosOptions {
  const { duration, every, outage, maxHopeless, settle, set, out: _out, lang: _lang, ...plain } = typed;
  return {
    ...plain,
    durationMs: duration,
    everyMs: every,
    outages: outage,
    maxHopelessMs: maxHopeless,
    settleMs: settle,
    env: set,
  };
}

async function chaos(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang } = typed;
  const colour = out.isTTY === true;
  const clear = colour ? '\r\x1b[K' : '';
  const say = (text: string) => out.write(`${clear}${text}`);
  const log = new LogLines(say, LOG_WIDTH);
  return ending(say, async () => {
    // Only here: it knows the product, and the servers below it.
    const { runChaos } = await import('../chaos/chaos.js');
    const result = await runChaos({
      ...toOptions(typed),
      signal,
      onFault: (fault) => say(faultText(fault, lang, colour)),
      onNote: (text) => say(`  ${text}\n`),
      onProgress: (now) => {
        if (colour) out.write(`${clear}${progressText(now, lang)}`);
        else if (now.seconds % PROGRESS_EVERY_SECONDS === 0) say(`${progressText(now, lang)}\n`);
      },
      onLine: (line) => log.take(line),
    });
    log.end();
    say(chaosText(result, lang, colour));
    if (typed.out !== undefined) for (const path of writeChaosFiles(typed.out, result, lang)) out.write(`${path}\n`);
    return result.passed;
  });
}
