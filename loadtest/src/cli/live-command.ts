/** The room of `loadtest live`: its options, and what happens with the result. */
import type { Command } from 'commander';
import type { LiveResult } from '../live/live.js';
import { formatter, type Language, wordsOf } from '../report/words.js';
import { type Common, loadOptions, outputOptions, perform, productOptions, writeJson } from './common.js';
import { LIVE_HELP } from './help.js';
import type { Surroundings } from './run-command.js';
import * as value from './values.js';

interface Typed extends Common {
  readonly stations?: number;
  readonly listeners?: number;
  readonly webhooks?: number;
  readonly duration?: number;
  readonly seed?: number;
}

const WORDS = {
  pt: {
    events: 'eventos',
    missed: 'perdidos',
    twice: 'repetidos',
    delay: 'atraso',
    requests: 'requisições',
    unsigned: 'sem assinatura',
  },
  en: {
    events: 'events',
    missed: 'missed',
    twice: 'twice',
    delay: 'delay',
    requests: 'requests',
    unsigned: 'unsigned',
  },
} as const;

export function addLive(program: Command, around: Surroundings): void {
  const command = program
    .command('live')
    .description('live updates and webhooks while a fleet works · atualizações ao vivo e webhooks com a frota em uso');
  loadOptions(command, { stations: '5000', duration: 'of the load, after all are connected (default: 60s)' })
    .option('--listeners <n>', 'sockets that listen (default: 1000)', value.count)
    .option('--webhooks <n>', 'endpoints (default: 200)', value.count);
  productOptions(command, { edges: '1', workers: 1 });
  outputOptions(command, around.language, 'live.json')
    .addHelpText('after', LIVE_HELP)
    .action(async (typed: Typed) => {
      around.exit(await live(typed, around));
    });
}

function liveText(result: LiveResult, language: Language): string {
  const n = formatter(language);
  const w = WORDS[language];
  const { events, listeners, webhooks, missed, twice, delay, requests, unsigned, ends, load } = result;
  const codes = Object.entries(ends).map(([code, count]) => `${count} × ${code}`);
  return `${[
    wordsOf(language)[result.passed ? 'passed' : 'failed'],
    `  ${n(events)} ${w.events} (load: ${wordsOf(language)[load.passed ? 'passed' : 'failed']})`,
    `  ${n(listeners)} listeners: ${n(missed.listeners)} ${w.missed}, ${n(twice.listeners)} ${w.twice}, ${w.delay} p50 ${n(delay.p50)} p95 ${n(delay.p95)} max ${n(delay.max)} ms${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`,
    `  ${n(webhooks)} webhooks: ${n(missed.webhooks)} ${w.missed}, ${n(twice.webhooks)} ${w.twice}, ${n(requests)} ${w.requests}, ${n(unsigned)} ${w.unsigned}`,
  ].join('\n')}\n`;
}

function live(typed: Typed, { out, signal }: Surroundings): Promise<number> {
  const { lang, duration: durationMs, set: env, out: folder, ...given } = typed;
  return perform(
    out,
    lang,
    async ({ say, ...stage }) => {
      const { runLive } = await import('../live/live.js');
      return runLive({ ...given, ...stage, durationMs, env, signal, onNote: (text) => say(`  ${text}\n`) });
    },
    (result, say) => {
      say(liveText(result, lang));
      const { load: _load, ...figures } = result;
      writeJson(out, folder, 'live.json', figures);
    },
  );
}
