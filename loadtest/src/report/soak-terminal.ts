/** The room of what the terminal shows of a soak: a column per day. */
import { megabytes } from '../soak/flat.js';
import type { SoakResult } from '../soak/soak.js';
import { formatter, type Language, wordsOf } from './words.js';

const WORDS = {
  pt: { day: 'dia', rate: 'mensagens/s', told: 'sessões informadas', stored: 'sessões no banco', steep: 'cresceu' },
  en: { day: 'day', rate: 'messages/s', told: 'sessions told', stored: 'sessions stored', steep: 'grew' },
} as const;

export function soakText(result: SoakResult, language: Language): string {
  const n = formatter(language);
  const w = WORDS[language];
  const names = result.processes.map(({ name }) => name);
  const width = Math.max(...names.map(({ length }) => length), 20) + 2;
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(12)).join('')}`;
  const { days, told, stored, steep } = result;
  const books = ({ transactions, energyWh }: typeof told) => `${n(transactions)} · ${n(energyWh / 1000, 1)} kWh`;
  return `${[
    wordsOf(language)[result.passed ? 'passed' : 'failed'],
    row(
      w.day,
      days.map((_, day) => String(day + 1)),
    ),
    row(
      w.rate,
      days.map(({ rate }) => n(rate, 1)),
    ),
    ...(['p50', 'p95', 'p99'] as const).map((which) =>
      row(
        `${which} ms`,
        days.map((day) => n(day[which], 1)),
      ),
    ),
    ...result.processes.map(({ name, rssBytes }) => row(name, rssBytes.map(megabytes))),
    `  ${w.told}: ${books(told)}`,
    `  ${w.stored}: ${books(stored)}`,
    ...steep.map((what) => `  ${w.steep}: ${what}`),
  ].join('\n')}\n`;
}
