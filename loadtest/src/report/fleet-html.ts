/** The room of the report of a fleet's run: tables of its phases, and plots over all of it with the phases marked. */
import { FACTS, type FleetResult, type PhaseFigures } from '../fleet/result.js';
import { PARTIES } from '../fleet/watch.js';
import { fleetWordsOf } from './fleet-words.js';
import { latencyRow, page, table } from './html.js';
import { plots } from './plots.js';
import { escapeText } from './svg.js';
import { formatter, type Language, wordsOf } from './words.js';

const MB = 1048576;

/** The whole report. */
export function renderFleet(result: FleetResult, language: Language): string {
  const w = fleetWordsOf(language);
  const all = wordsOf(language);
  const n = formatter(language);
  const name = (phase: PhaseFigures) => all.phases[phase.name];
  const { phases, machine } = result;
  const measured = phases.filter((phase) => phase.rssBytes.edge > 0);
  const parties = PARTIES.map((party) => w.parties[party]);
  const overview = phases.map((phase) => {
    const { latency: l } = phase;
    const ms = (value: number | undefined) => (value === undefined ? '–' : n(value, value < 100 ? 2 : 0));
    const counts = phase.messages === 0 ? ['–', '–'] : [n(phase.messages), n(phase.rate)];
    return [name(phase), `${n(phase.seconds, 1)} s`, ...counts, ms(l?.p50), ms(l?.p95), ms(l?.p99)];
  });
  const facts = phases.flatMap((phase) =>
    FACTS.flatMap((fact) => {
      const value = phase.facts[fact];
      const [label, unit] = w.facts[fact];
      return value === undefined ? [] : [[name(phase), label, `${n(value, Number.isInteger(value) ? 0 : 1)} ${unit}`]];
    }),
  );
  const per = (of: (phase: PhaseFigures, party: (typeof PARTIES)[number]) => number | null, digits: number) =>
    measured.map((phase) => [
      name(phase),
      ...PARTIES.map((party) => {
        const value = of(phase, party);
        return value === null ? '–' : n(value, digits);
      }),
    ]);
  const actions = phases.flatMap((phase) =>
    Object.entries(phase.actions).map(([action, latency]) => latencyRow(`${name(phase)}: ${action}`, latency, n)),
  );
  const checks = result.checks.map(({ check, passed, detail }) => [
    w.checkNames[check],
    passed ? w.good : w.bad,
    detail,
  ]);
  const marks = phases.map((phase) => ({ second: phase.from, label: name(phase) }));
  const examples = result.faults.examples.map((one) => `${one.fault} ${one.identity} ${one.at}\n  ${one.detail}`);
  const size = `${n(result.stations)} ${w.stations}, ${result.edges} ${w.edges}, ${result.workers} ${w.workers}, ${result.processes} ${w.clients}`;
  const body = [
    `<p><strong class="${result.passed ? 'ok' : 'bad'}">${result.passed ? all.passed : all.failed}</strong> · ${escapeText(size)} · ${result.startedAt} – ${result.endedAt}</p>`,
    `<p>${escapeText(`${machine.cpus} × ${machine.cpu}, ${n(machine.memoryBytes / MB)} MB, Node ${machine.node}`)}</p>`,
    `<h2>${w.checks}</h2>${table([w.checks, '', ''], checks)}`,
    examples.length === 0 ? '' : `<h3>${all.examples}</h3><pre>${escapeText(examples.join('\n'))}</pre>`,
    `<h2>${w.phases}</h2>${table([w.phase, w.seconds, w.messages, w.rate, 'p50 ms', 'p95 ms', 'p99 ms'], overview)}`,
    table([w.phase, '', ''], facts),
    `<p>${escapeText(w.memoryNote)}</p>`,
    `<h2>${w.perMessage}</h2>${table(
      [w.phase, ...parties],
      per((phase, party) => phase.cpuMicros[party], 1),
    )}`,
    `<h2>${w.cpu}</h2>${table(
      [w.phase, ...parties],
      per((phase, party) => phase.cpu[party], 2),
    )}`,
    `<h2>${w.memory}</h2>${table(
      [w.phase, ...parties],
      per((phase, party) => phase.rssBytes[party] / MB, 0),
    )}`,
    ...plots({ series: result.series, processes: result.groups, marks }, all, n),
    `<h2>${all.latency} (ms)</h2>${table([all.action, all.count, all.mean, 'p50', 'p90', 'p95', 'p99', 'p99.9', all.max], actions)}`,
    `<h2>${all.options}</h2><pre>${escapeText(JSON.stringify(result.options, null, 2))}</pre>`,
  ];
  return page(`${w.title}: ${n(result.stations)} ${w.stations}`, language, body.join('\n'));
}
