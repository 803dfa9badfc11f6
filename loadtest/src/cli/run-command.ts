/** The room of `loadtest run`: its options, and what happens with the result. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { writeFiles } from '../report/files.js';
import { ProgressLine, summaryText, type Terminal } from '../report/terminal.js';
import type { Language } from '../report/words.js';
import { type ApiOptions, type LoadOptions, OptionError } from '../run/options.js';
import { runLoad } from '../run/run.js';
import { SCENARIOS } from '../scenarios/index.js';
import { RUN_HELP } from './help.js';
import * as value from './values.js';

/** Times as they are typed, in milliseconds. */
interface Times {
  readonly duration?: number;
  readonly warmup?: number;
  readonly ramp?: number;
  readonly interval?: number;
  readonly timeout?: number;
  readonly connectTimeout?: number;
  readonly readyTimeout?: number;
  readonly day?: number;
  readonly backoff?: readonly [number, number];
}

/** What commander makes of the command line. */
interface Typed extends Omit<LoadOptions, 'api' | 'credentials'>, Times {
  readonly passwords?: LoadOptions['credentials'];
  readonly api?: string;
  readonly email?: string;
  readonly passwordEnv?: string;
  readonly action?: string;
  readonly payload?: ApiOptions['payload'];
  readonly concurrency?: number;
  readonly out?: string;
  readonly lang: Language;
}

export interface Surroundings {
  readonly out: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly language: Language;
  /** Ends the load early. */
  readonly signal: AbortSignal;
  /** The exit code. */
  readonly exit: (code: number) => void;
}

export function addRun(program: Command, around: Surroundings): void {
  const command = program
    .command('run')
    .description('run a load against a CSMS · roda uma carga contra um CSMS')
    .requiredOption('--url <url>', 'ws:// or wss:// address, without the identity')
    .addOption(
      new Option('--scenario <name>', 'what the stations do')
        .choices(SCENARIOS.map((s) => s.name))
        .makeOptionMandatory(),
    )
    .requiredOption('--stations <n>', 'how many, e.g. 500 or 20k', value.count);
  swarmOptions(command);
  loadOptions(command);
  outputOptions(command, around.language);
  command.addHelpText('after', RUN_HELP).action(async (typed: Typed) => {
    around.exit(await run(typed, around));
  });
}

function swarmOptions(command: Command): void {
  command
    .option('--version <mix>', 'OCPP version, or a mix: 1.6:50,2.0.1:30,2.1:20 (default: 2.0.1)')
    .option('--identity <pattern>', 'identities, %d or %06d being the number (default: LT-%06d)')
    .option('--first <n>', 'number of the first station (default: 1)', value.count)
    .option('--password <text>', 'Basic auth, the same for all')
    .option(
      '--passwords <file>',
      'Basic auth, lines of identity,password; the identities are taken from here',
      value.credentials,
    )
    .option('--id-token <pattern>', 'idToken of the sessions; may hold %d (default: SIGEC-DEMO)')
    .option(
      '--processes <n>',
      'processes of the swarm; 0 is none of its own (default: one per core, 18,000 stations each at most)',
      value.count,
    )
    .option(
      '--sources <n|list>',
      'source addresses: how many of 127.0.0.0/8, or which (default on loopback: one per 7,000 stations)',
      value.sources,
    )
    .option('--ca <file>', 'PEM of the authority of a wss:// server', value.readFile)
    .option('--insecure', 'do not check the certificate of a wss:// server')
    .option('--no-boot', 'send no BootNotification')
    .option('--echo', 'the server is an echo: the answer must be the CALL itself');
}

function loadOptions(command: Command): void {
  command
    .option('--duration <time>', 'measured time (default: 30s)', value.duration)
    .option('--warmup <time>', 'load before it, not measured (default: 0s)', value.duration)
    .option(
      '--ramp <time>',
      'spread the connects over this (default: 0s, as fast as --connect-concurrency lets)',
      value.duration,
    )
    .option('--rate <n/s>', 'open loop: messages per second of the whole swarm (commands: of the API)', value.rate)
    .option('--interval <time>', 'open loop: every station sends every so often', value.duration)
    .option('--timeout <time>', 'for an answer (default: 30s)', value.duration)
    .option('--connect-timeout <time>', 'for TCP and upgrade (default: 30s)', value.duration)
    .option('--connect-concurrency <n>', 'handshakes under way per process (default: 200; storm: 1000)', value.count)
    .option('--ready-timeout <time>', 'until all stations are in service (default: 2m and the ramp)', value.duration)
    .option('--backoff <min,max>', 'before a station comes back (default: 200ms,10s)', value.backoff)
    .option('--meters <n>', 'session: meter values of each (default: 5)', value.count)
    .option('--day <time>', 'mixed: how long a day takes (default: 1h)', value.duration)
    .option('--rounds <n>', 'storm: how often all are cut (default: 1)', value.count)
    .option('--api <url>', 'commands: base of the REST API, e.g. http://127.0.0.1:8080')
    .option('--email <email>', 'commands: who logs in')
    .option('--password-env <name>', 'commands: the environment variable that holds the password')
    .option('--action <name>', 'commands: OCPP action (default: DataTransfer, whose answer must name its station)')
    .option('--payload <json>', 'commands: its payload', value.object)
    .option('--concurrency <n>', 'commands: how many at once without --rate (default: 8)', value.count)
    .option('--seed <n>', 'of the random choices (default: 1)', value.count);
}

function outputOptions(command: Command, language: Language): void {
  command
    .option('--watch <list>', 'server processes for CPU and memory: edge=PID,worker=PID', value.watched)
    .option('--watch-name <text...>', 'the same for every process whose command line holds the text')
    .option(
      '--parse-every <n>',
      'parse every n-th answer in full; all are checked by their first bytes (default: 256)',
      value.count,
    )
    .option('--max-examples <n>', 'faults of each kind that are shown (default: 5)', value.count)
    .option('--max-ledger-rows <n>', 'transactions that are listed (default: 1,000,000)', value.count)
    .option('--tolerate', 'faults do not fail the run')
    .option('--out <folder>', 'write result.json and report.html')
    .addOption(
      new Option('--lang <language>', 'of progress and report').choices(['pt', 'en']).default(language, 'by locale'),
    );
}

/** @throws {OptionError} */
function toOptions(typed: Typed, env: NodeJS.ProcessEnv): LoadOptions {
  const { passwords, api, email, passwordEnv, action, payload, concurrency, out: _out, lang: _lang, ...plain } = typed;
  const { duration, warmup, ramp, interval, timeout, connectTimeout, readyTimeout, day, backoff, ...rest } = plain;
  const options: LoadOptions = {
    ...rest,
    durationMs: duration,
    warmupMs: warmup,
    rampMs: ramp,
    intervalMs: interval,
    timeoutMs: timeout,
    connectTimeoutMs: connectTimeout,
    readyTimeoutMs: readyTimeout,
    dayMs: day,
    backoffMs: backoff,
    credentials: passwords,
  };
  if (api === undefined) return options;
  if (email === undefined) throw new OptionError('email: the API needs one');
  const password = env[passwordEnv ?? ''];
  if (password === undefined) throw new OptionError('password-env: must name a variable of the environment');
  return { ...options, api: { url: api, email, password, action, payload, concurrency } };
}

async function run(typed: Typed, { out, env, signal }: Surroundings): Promise<number> {
  const progress = new ProgressLine(out, typed.lang);
  try {
    const result = await runLoad({
      ...toOptions(typed, env),
      signal,
      onProgress: (now) => progress.show(now),
    });
    progress.end();
    out.write(summaryText(result, typed.lang, out.isTTY === true));
    if (typed.out !== undefined) for (const path of writeFiles(typed.out, result, typed.lang)) out.write(`${path}\n`);
    return result.passed ? 0 : 1;
  } catch (error) {
    progress.end();
    if (error instanceof InvalidArgumentError) throw error;
    out.write(`${(error as Error).message}\n`);
    return 2;
  }
}
