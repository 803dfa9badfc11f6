/** What the commands share that run our own product: options, its log, and what is left of a result. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { fieldsJson } from '../report/files.js';
import { ProgressLine, type Terminal } from '../report/terminal.js';
import type { Language } from '../report/words.js';
import type { Progress } from '../run/progress.js';
import * as value from './values.js';

/** What {@link productOptions} and {@link outputOptions} add to a command line. */
export interface Common {
  readonly edges?: number;
  readonly workers?: number;
  readonly version?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly out?: string;
  readonly lang: Language;
}

/** How many processes of the product, and what its chargers speak; the texts tell the defaults. */
export function productOptions(
  command: Command,
  defaults: { readonly edges: string; readonly workers: number },
): Command {
  return command
    .option('--edges <n>', `edge processes (default: ${defaults.edges})`, value.count)
    .option('--workers <n>', `worker processes (default: ${defaults.workers})`, value.count)
    .option('--version <mix>', 'OCPP versions (default: 1.6:50,2.0.1:30,2.1:20)');
}

/** How large a load of a whole system is, and how long; the texts tell the defaults. */
export function loadOptions(
  command: Command,
  defaults: { readonly stations: string; readonly duration: string },
): Command {
  return command
    .option('--stations <n>', `how many (default: ${defaults.stations})`, value.count)
    .option('--duration <time>', defaults.duration, value.duration)
    .option('--seed <n>', 'of everything random', value.count);
}

/** What every command that runs the product ends with. */
export function outputOptions(command: Command, language: Language, files: string): Command {
  return command
    .option('--set <NAME=value...>', 'configuration of the product, e.g. SIGEC_MESSAGE_LOG=off', value.setting)
    .option('--out <folder>', `write ${files}`)
    .addOption(
      new Option('--lang <language>', 'of progress and report').choices(['pt', 'en']).default(language, 'by locale'),
    );
}

/** Writes figures into a folder, and says where; nothing where there is none. */
export function writeJson(out: Terminal, folder: string | undefined, name: string, figures: object): void {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, fieldsJson(figures));
  out.write(`${path}\n`);
}

/** The exit code of a command: 0 passed, 1 not, 2 where it could not be run, which is said. */
export async function ending(say: (text: string) => void, work: () => Promise<boolean>): Promise<number> {
  try {
    return (await work()) ? 0 : 1;
  } catch (error) {
    say(`${(error as Error).message}\n`);
    return 2;
  }
}

/** What a run of the product is given to tell by. */
export interface Stage {
  /** Above the line of progress. */
  readonly say: (text: string) => void;
  readonly onProgress: (now: Progress) => void;
  /** A line of the product's own log. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs the product under a line of progress, with its log above that, and then tells what came of it.
 * @returns the exit code, as {@link ending} says
 */
export function perform<R extends { readonly passed: boolean }>(
  out: Terminal,
  language: Language,
  run: (stage: Stage) => Promise<R>,
  tell: (result: R, say: Stage['say']) => void,
): Promise<number> {
  const progress = new ProgressLine(out, language);
  const say = (text: string): void => {
    progress.clear();
    out.write(text);
  };
  const log = new LogLines(say);
  return ending(say, async () => {
    const result = await run({ say, onProgress: (now) => progress.show(now), onLine: (line) => log.take(line) });
    log.end();
    tell(result, say);
    return result.passed;
  });
}

const MAX_KINDS = 20;
const MAX_WIDTH = 600;

/** What the product's processes say: the first of each kind, and how many there were. */
export class LogLines {
  readonly #kinds = new Map<string, number>();

  constructor(
    private readonly say: (text: string) => void,
    private readonly width = MAX_WIDTH,
  ) {}

  take(line: string): void {
    const kind = kindOf(line);
    const before = this.#kinds.get(kind);
    if (before !== undefined) this.#kinds.set(kind, before + 1);
    else if (this.#kinds.size < MAX_KINDS) {
      this.#kinds.set(kind, 1);
      this.say(`  ${line.slice(0, this.width)}\n`);
    }
  }

  /** Those that came more than once. */
  end(): void {
    for (const [kind, count] of this.#kinds) if (count > 1) this.say(`  ${count} × ${kind}\n`);
  }
}

/** What a line of the log says, without whom it is about. */
function kindOf(line: string): string {
  const [name = ''] = line.split(' ', 1);
  try {
    const { msg, reason } = JSON.parse(line.slice(line.indexOf('{'))) as { msg?: unknown; reason?: unknown };
    return [name, msg, reason].filter((part) => typeof part === 'string').join(' ');
  } catch {
    return line.replace(/\d+/g, '0').slice(0, 100);
  }
}
