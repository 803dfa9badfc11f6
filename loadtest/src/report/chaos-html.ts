/** The room of the report of a chaos run: the verdict, every fault, every violation. */
import type { ChaosResult } from '../chaos/result.js';
import { faultDetail } from './chaos-terminal.js';
import { chaosWordsOf } from './chaos-words.js';
import { page, table } from './html.js';
import { escapeText } from './svg.js';
import { formatter, type Language, wordsOf } from './words.js';

/** The whole report. */
export function renderChaos(result: ChaosResult, language: Language): string {
  const w = chaosWordsOf(language);
  const all = wordsOf(language);
  const n = formatter(language);
  const { ledger, machine } = result;
  const seconds = (ms: number | null) => (ms === null ? w.never : `${n(ms / 1000, 1)} s`);
  const faults = result.faults.map((fault) => [
    seconds(fault.beganMs),
    w.kinds[fault.kind],
    fault.target,
    faultDetail(fault, language),
    seconds(fault.endedMs - fault.beganMs),
    fault.recovery === null ? '–' : seconds(fault.recovery.answeredMs),
    fault.recovery === null ? '–' : seconds(fault.recovery.silentMs),
  ]);
  const violations = result.violations.map(({ kind, identity, transaction, detail }) => [
    w.violations[kind],
    identity,
    transaction ?? '',
    detail,
  ]);
  const size = `${n(result.faults.length)} ${w.faults} · ${n(ledger.sessions)} ${w.sessions} · ${n(ledger.acked)}/${n(ledger.events)} ${w.acked} · ${n(ledger.energyMWh / 1000)} Wh · ${n(result.resent)} ${w.resent}`;
  const body = [
    `<p><strong class="${result.passed ? 'ok' : 'bad'}">${result.passed ? all.passed : all.failed}</strong> · ${escapeText(size)} · ${result.startedAt} – ${result.endedAt}</p>`,
    `<p>${escapeText(`${machine.cpus} × ${machine.cpu}, Node ${machine.node}`)}</p>`,
    `<p>${w.replay}: <code>${escapeText(result.command)}</code></p>`,
    violations.length === 0 ? '' : `<h2>${w.lost}</h2>${table([w.lost, '', '', ''], violations)}`,
    `<h2>${w.faults}</h2>${table([w.at, w.faults, w.target, '', w.lasted, w.recovery, w.silent], faults)}`,
    `<h2>${w.commands}</h2>${table(
      [w.commands, ''],
      Object.entries(result.commandEnds).map(([end, count]) => [end, n(count)]),
    )}`,
  ];
  return page(`chaos ${result.options.seed}`, language, body.join('\n'));
}
