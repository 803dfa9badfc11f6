/** The room of what the terminal shows of an overload. */
import type { OverloadPart, OverloadResult, PartName } from '../overload/overload.js';
import { megabytes } from '../soak/flat.js';
import { formatter, type Language, wordsOf } from './words.js';

const WORDS = {
  pt: {
    before: 'antes',
    crowd: 'com a multidão',
    after: 'depois',
    dials: 'discagens/s',
    times: 'vezes o admitido',
    in: 'entraram',
    out: 'recusadas',
  },
  en: {
    before: 'before',
    crowd: 'under the crowd',
    after: 'after',
    dials: 'dials/s',
    times: 'times what is admitted',
    in: 'let in',
    out: 'refused',
  },
} as const satisfies Record<Language, Record<PartName | 'dials' | 'times' | 'in' | 'out', string>>;

/** One part that is over: how the chargers in session were served. */
export function partText({ name, latency: l, rate, faults, rssBytes }: OverloadPart, language: Language): string {
  const n = formatter(language);
  const memory = Object.entries(rssBytes)
    .filter(([process]) => /^(edge|worker)/.test(process))
    .map(([process, bytes]) => `${process} ${megabytes(bytes)}`);
  const times = `p50 ${n(l.p50, 1)} p95 ${n(l.p95, 1)} p99 ${n(l.p99, 1)} ms`;
  return `${WORDS[language][name].padEnd(16)} ${n(rate)}/s · ${times} · faults ${n(faults)} · ${memory.join(' · ')}\n`;
}

export function overloadText(result: OverloadResult, language: Language): string {
  const n = formatter(language);
  const w = WORDS[language];
  const { dialsPerSecond, times, admitted, refused, p95Ratio, afterRatio, passed } = result;
  return `${[
    wordsOf(language)[passed ? 'passed' : 'failed'],
    `  ${n(dialsPerSecond)} ${w.dials}, ${n(times, 1)} ${w.times}; ${n(admitted)} ${w.in}, ${n(refused)} ${w.out}`,
    `  p95 ${w.crowd} ×${n(p95Ratio, 2)}, ${w.after} ×${n(afterRatio, 2)}`,
  ].join('\n')}\n`;
}
