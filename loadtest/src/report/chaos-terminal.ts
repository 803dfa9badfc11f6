/** The room of what the terminal shows of a chaos run: each fault when it begins, and the verdict. */
import { createColors } from 'picocolors';
import type { Fault } from '../chaos/faults.js';
import type { ChaosProgress } from '../chaos/options.js';
import type { ChaosResult, FaultReport } from '../chaos/result.js';
import { chaosWordsOf } from './chaos-words.js';
import { formatter, type Language, wordsOf } from './words.js';

const SHOWN = 40;

/** What a fault is told beside its kind. */
export function faultDetail(fault: Fault, language: Language): string {
  const n = formatter(language);
  const parts = fault.durationMs > 0 ? [`${n(fault.durationMs / 1000, 1)} s`] : [];
  if (fault.latencyMs !== undefined)
    parts.push(`${n(fault.latencyMs)} ms, ${n((fault.bytesPerSecond ?? 0) / 1000)} kB/s`);
  if (fault.lost !== undefined) parts.push(fault.lost === 'up' ? '→ ×' : '← ×');
  if (fault.jumpMs !== undefined) parts.push(`${fault.jumpMs > 0 ? '+' : ''}${n(fault.jumpMs / 1000)} s`);
  return parts.join(', ');
}

/** A fault that begins. */
export function faultText(fault: FaultReport, language: Language, colour: boolean): string {
  const w = chaosWordsOf(language);
  const n = formatter(language);
  const c = createColors(colour);
  const at = `${n(fault.beganMs / 1000, 1)} s`.padStart(9);
  return `${c.dim(at)}  ${c.yellow(w.kinds[fault.kind].padEnd(13))} ${fault.target.padEnd(20)} ${faultDetail(fault, language)}\n`;
}

export function progressText(now: ChaosProgress, language: Language): string {
  const w = chaosWordsOf(language);
  const n = formatter(language);
  const parts = [
    `${n(now.seconds)} s ${w.phases[now.phase]}`,
    `${n(now.connected)}/${n(now.stations)} ${w.connected}`,
    `${n(now.acked)} ${w.acked}`,
    `${n(now.waiting)} ${w.kept}`,
  ];
  return parts.join(' · ');
}

/** The verdict: what each outage took to recover from, and every violation. */
export function chaosText(result: ChaosResult, language: Language, colour: boolean): string {
  const w = chaosWordsOf(language);
  const n = formatter(language);
  const c = createColors(colour);
  const { ledger } = result;
  const seconds = (value: number | null) => (value === null ? w.never : `${n(value, 1)} s`);
  const lines = result.faults
    .filter(({ kind }) => kind !== 'clock')
    .map(({ kind, target, recovery }) => {
      const ms = recovery?.answeredMs ?? null;
      const cells = [
        `${w.recovery} ${seconds(ms === null ? null : ms / 1000)}`,
        `${w.drained} ${seconds(recovery === null || recovery.drainedMs === null ? null : recovery.drainedMs / 1000)}`,
        `${w.silent} ${seconds((recovery?.silentMs ?? 0) / 1000)}`,
      ];
      return c.dim(`  ${w.kinds[kind].padEnd(13)} ${target.padEnd(20)} ${cells.join(' · ')}`);
    });
  const verdict = result.passed ? c.green(wordsOf(language).passed) : c.red(wordsOf(language).failed);
  lines.push(
    `${verdict}  ${n(result.faults.length)} ${w.faults} · ${n(ledger.sessions)} ${w.sessions} · ${n(ledger.acked)}/${n(ledger.events)} ${w.acked} · ${n(ledger.energyMWh / 1000)} Wh · ${n(ledger.costMinor / 100, 2)} · ${n(result.resent)} ${w.resent}`,
    `  ${w.settled} ${seconds(result.settledSeconds)} · ${w.presence} ${seconds(result.presenceSeconds)} · ${n(result.socketsClosed)} ${w.closed}`,
    `  ${w.commands}: ${Object.entries(result.commandEnds)
      .map(([end, count]) => `${end} ${n(count)}`)
      .join(', ')}`,
  );
  for (const one of result.notSimulated) lines.push(`  ${w.notSimulated}: ${one}`);
  const counts = Object.entries(result.violationCounts);
  lines.push(
    `  ${w.lost}: ${counts.length === 0 ? '0' : counts.map(([kind, count]) => `${kind} ${n(count)}`).join(', ')}`,
  );
  for (const { kind, identity, transaction, detail } of result.violations.slice(0, SHOWN))
    lines.push(c.red(`    ${w.violations[kind]} ${identity} ${transaction ?? ''}: ${detail}`));
  lines.push(`  ${w.replay}: ${result.command}`);
  return `${lines.join('\n')}\n`;
}
