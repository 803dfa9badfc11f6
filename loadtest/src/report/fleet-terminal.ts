/** The room of what the terminal shows of a fleet's run: each phase when it is over, and the verdict. */
import { createColors } from 'picocolors';
import type { FleetResult, PhaseFigures } from '../fleet/result.js';
import { FACTS } from '../fleet/result.js';
import { PARTIES } from '../fleet/watch.js';
import { fleetWordsOf } from './fleet-words.js';
import { formatter, type Language, wordsOf } from './words.js';

const MB = 1048576;

/** One phase that is over. */
export function phaseText(phase: PhaseFigures, language: Language, colour: boolean): string {
  const w = fleetWordsOf(language);
  const n = formatter(language);
  const c = createColors(colour);
  const { latency: l } = phase;
  const head = [`${n(phase.seconds, 1)} s`];
  if (phase.messages > 0) head.push(`${n(phase.messages)} ${w.messages}`, `${n(phase.rate)}/s`);
  if (l !== null) head.push(`p50 ${n(l.p50, 1)}  p95 ${n(l.p95, 1)}  p99 ${n(l.p99, 1)} ms`);
  const lines = [`${c.bold(wordsOf(language).phases[phase.name].padEnd(18))} ${head.join(' · ')}`];
  const facts = FACTS.flatMap((fact) => {
    const value = phase.facts[fact];
    const [label, unit] = w.facts[fact];
    return value === undefined ? [] : [`${label} ${n(value, Number.isInteger(value) ? 0 : 1)} ${unit}`.trim()];
  });
  if (facts.length > 0) lines.push(`  ${facts.join(' · ')}`);
  if (phase.rssBytes.edge > 0) {
    const cells = PARTIES.map((party) => {
      const each = phase.cpuMicros[party];
      const perMessage = each === null ? '' : ` ${n(each, 1)} µs`;
      return `${w.parties[party]} ${n(phase.cpu[party], 1)} s${perMessage} ${n(phase.rssBytes[party] / MB)} MB`;
    });
    lines.push(c.dim(`  ${cells.join(' · ')} · ${w.available} ${n(phase.availableBytes / MB)} MB`));
  }
  return `${lines.join('\n')}\n`;
}

/** The verdict, and every check. */
export function fleetText(result: FleetResult, language: Language, colour: boolean): string {
  const w = fleetWordsOf(language);
  const n = formatter(language);
  const c = createColors(colour);
  const verdict = result.passed ? c.green(wordsOf(language).passed) : c.red(wordsOf(language).failed);
  const size = `${n(result.stations)} ${w.stations}, ${result.edges} ${w.edges}, ${result.workers} ${w.workers}`;
  const lines = [`${verdict}  ${size}, ${result.processes} ${w.clients}`];
  for (const { check, passed, detail } of result.checks)
    lines.push(
      `  ${passed ? c.green(w.good) : c.red(w.bad)}  ${w.checkNames[check]}${detail === '' ? '' : `: ${detail}`}`,
    );
  for (const one of result.faults.examples)
    lines.push(c.red(`  ${one.fault} ${one.identity} ${one.at}: ${one.detail}`));
  return `${lines.join('\n')}\n`;
}
