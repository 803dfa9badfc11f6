/** The room of `loadtest fleet`: its options, and what happens with the result. */
import type { Command } from 'commander';
import type { FleetOptions } from '../fleet/options.js';
import { writeFleetFiles } from '../report/files.js';
import { fleetText, phaseText } from '../report/fleet-terminal.js';
import { type Common, outputOptions, perform, productOptions } from './common.js';
import { FLEET_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

/** What commander makes of the command line; times in milliseconds. */
interface Typed extends Common, Pick<FleetOptions, 'stations' | 'processes' | 'charging'> {
  readonly settle?: number;
  readonly idle?: number;
  readonly hold?: number;
  readonly heartbeat?: number;
  readonly meter?: number;
  readonly commands?: number;
  readonly commandRate?: number;
  readonly afterKill?: number;
  readonly connectConcurrency?: number;
  readonly timeout?: number;
  readonly readyTimeout?: number;
  readonly seed?: number;
  readonly edgeArgs?: readonly string[];
  readonly workerArgs?: readonly string[];
}

export function addFleet(program: Command, around: Surroundings): void {
  const command = program
    .command('fleet')
    .description('our product on real servers, and a whole fleet · o produto em servidores reais, e uma frota inteira')
    .requiredOption('--stations <n>', 'how many, e.g. 300, 20k or 100000', value.count);
  fleetOptions(command);
  loadOptions(command);
  outputOptions(command, around.language, 'fleet.json and report.html')
    .addHelpText('after', FLEET_HELP)
    .action(async (typed: Typed) => {
      around.exit(await fleet(typed, around));
    });
}

function fleetOptions(command: Command): void {
  productOptions(command, { edges: 'one more than hold all, 17,000 each', workers: 1 })
    .option('--processes <n>', 'processes of the swarm (default: one per core, 18,000 stations each)', value.count)
    .option('--edge-args <text>', 'arguments of node for the edges, e.g. "--cpu-prof --cpu-prof-dir=out"', value.words)
    .option('--worker-args <text>', 'the same for the workers', value.words);
}

function loadOptions(command: Command): void {
  command
    .option(
      '--settle <time>',
      'from the servers being ready to the look at what they use (default: 5s)',
      value.duration,
    )
    .option('--idle <time>', 'how long nobody says anything before memory is measured (default: 20s)', value.duration)
    .option('--commands <time>', 'how long commands are sent (default: 10s)', value.duration)
    .option('--command-rate <n>', 'commands per second (default: 50/s)', value.rate)
    .option('--hold <time>', 'how long the fleet is held (default: 60s)', value.duration)
    .option('--heartbeat <time>', "from a station's heartbeat to its next (default: 60s)", value.duration)
    .option('--charging <share>', 'share of stations that charge, 0 to 1 (default: 0.2)', Number)
    .option('--meter <time>', 'from meter values to meter values of one that charges (default: 30s)', value.duration)
    .option('--after-kill <time>', 'how long it is held after the return (default: 5s)', value.duration)
    .option(
      '--connect-concurrency <n>',
      'handshakes at once per process of the swarm (default: 3,000 over all)',
      value.count,
    )
    .option('--timeout <time>', 'an answer later than this is missing (default: 60s)', value.duration)
    .option('--ready-timeout <time>', 'all stations are in service after this (default: 15m)', value.duration)
    .option('--seed <n>', 'of the random choices (default: 1)', value.count);
}

function toOptions(typed: Typed): FleetOptions {
  const { settle, idle, hold, heartbeat, meter, commands, afterKill, timeout, readyTimeout, set, ...rest } = typed;
  const { out: _out, lang: _lang, ...plain } = rest;
  return {
    ...plain,
    settleMs: settle,
    idleMs: idle,
    holdMs: hold,
    heartbeatMs: heartbeat,
    meterMs: meter,
    commandsMs: commands,
    afterKillMs: afterKill,
    timeoutMs: timeout,
    readyTimeoutMs: readyTimeout,
    env: set,
  };
}

function fleet(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang } = typed;
  const colour = out.isTTY === true;
  return perform(
    out,
    lang,
    async ({ say, ...stage }) => {
      // Only here: it knows the product, and the servers below it.
      const { runFleet } = await import('../fleet/fleet.js');
      return runFleet({
        ...{ ...toOptions(typed), ...stage, signal },
        onPhase: (phase) => say(phaseText(phase, lang, colour)),
      });
    },
    (result, say) => {
      say(fleetText(result, lang, colour));
      if (typed.out !== undefined) for (const path of writeFleetFiles(typed.out, result, lang)) out.write(`${path}\n`);
    },
  );
}
