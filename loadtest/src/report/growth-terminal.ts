/** The room of what the terminal shows of a growth run. */
import type { GrowthResult, GrowthSize } from '../fleet/growth.js';
import { PARTIES } from '../fleet/watch.js';
import { fleetWordsOf } from './fleet-words.js';
import { formatter, type Language, wordsOf } from './words.js';

/** One size that is over. */
export function sizeText(size: GrowthSize, language: Language): string {
  const n = formatter(language);
  const w = fleetWordsOf(language);
  const { latency: l } = size;
  const servers = PARTIES.filter((party) => party !== 'client').reduce((sum, party) => sum + size.cpuMicros[party], 0);
  return `${n(size.stations)} ${w.stations} · ${n(size.messages)} ${w.messages} · ${n(size.rate)}/s · p50 ${n(l.p50, 1)} p99 ${n(l.p99, 1)} ms · ${n(servers, 1)} µs · ×${n(size.ratio, 2)} (×${n(size.netRatio, 2)})\n`;
}

/** All sizes side by side: a row per group, a column per size. */
export function growthText(result: GrowthResult, language: Language): string {
  const n = formatter(language);
  const w = fleetWordsOf(language);
  const { sizes } = result;
  const width = Math.max(...Object.values(w.parties).map((name) => name.length), w.size.length, w.ratio.length) + 2;
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(12)).join('')}`;
  const block = (title: string, of: (size: GrowthSize, party: (typeof PARTIES)[number]) => number) => [
    title,
    ...PARTIES.map((party) =>
      row(
        w.parties[party],
        sizes.map((size) => n(of(size, party), 1)),
      ),
    ),
  ];
  const lines = [
    `${result.passed ? wordsOf(language).passed : wordsOf(language).failed}  ${w.growthTitle}`,
    w.growthNote,
    row(
      w.size,
      sizes.map(({ stations }) => n(stations)),
    ),
    ...block(w.wholeCpu, (size, party) => size.cpuMicros[party]),
    row(
      w.ratio,
      sizes.map(({ ratio }) => `×${n(ratio, 2)}`),
    ),
    ...block(w.netCpu, (size, party) => size.netMicros[party]),
    row(
      w.ratio,
      sizes.map(({ netRatio }) => `×${n(netRatio, 2)}`),
    ),
    ...block(w.idleCpu, (size, party) => size.idleCores[party] * 100),
  ];
  return `${lines.join('\n')}\n`;
}
