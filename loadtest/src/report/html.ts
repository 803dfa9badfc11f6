/** The room of the report: one HTML file that holds all it shows. */
import type { Latency } from '../measure/latency.js';
import type { LoadResult } from '../run/result.js';
import { FAULTS } from '../swarm/plan.js';
import { plots } from './plots.js';
import { escapeText } from './svg.js';
import { formatter, type Language, type Words, wordsOf } from './words.js';

const STYLE = `
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:880px;margin:2em auto;padding:0 1em;color:#1e293b;background:#fff}
h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.1em;margin:1.8em 0 .4em}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
td,th{padding:.25em .6em;border-bottom:1px solid #e2e8f0;text-align:right}td:first-child,th:first-child{text-align:left}
.s{overflow-x:auto}.ok{color:#15803d}.bad{color:#b91c1c}pre{white-space:pre-wrap;word-break:break-all;font-size:12px}
svg{width:100%;height:auto;margin:.6em 0}.t{font-weight:600;font-size:13px;fill:currentColor}
.a{font-size:11px;fill:#64748b}.e{text-anchor:end}.m{text-anchor:middle}
.k{stroke:#94a3b8;stroke-width:.8;stroke-dasharray:3 3}.g{stroke:#cbd5e1;stroke-width:.5}.l{fill:none;stroke-width:1.6;stroke-linejoin:round}
@media(prefers-color-scheme:dark){body{background:#0f172a;color:#e2e8f0}td,th{border-color:#334155}.g{stroke:#334155}}`;

type Cells = readonly string[];

export function table(head: Cells, rows: readonly Cells[]): string {
  const row = (cells: Cells, tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="s"><table>${row(head, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table></div>`;
}

type Format = ReturnType<typeof formatter>;

export function latencyRow(name: string, l: Latency, n: Format): Cells {
  const ms = (value: number) => n(value, value < 100 ? 2 : 0);
  return [name, n(l.count), ...[l.mean, l.p50, l.p90, l.p95, l.p99, l.p999, l.max].map(ms)];
}

function summary(result: LoadResult, w: Words, n: Format): string {
  const { load, stations, options } = result;
  const pacing = { closed: w.closed, interval: w.interval, natural: w.natural }[result.pacing] ?? result.pacing;
  const target = load.targetRate === null ? '' : `, ${w.asked} ${n(load.targetRate, 1)}`;
  return table(
    [w.scenario, result.scenario],
    [
      [w.target, String(options.url)],
      [w.stations, `${n(stations.ready)} / ${n(stations.asked)} ${w.inService}`],
      [w.pacing, pacing],
      [w.rate, `${n(load.rate, 1)} ${w.perSecond}${target}`],
      [
        w.latency,
        `p50 ${n(result.latency.p50, 2)} · p95 ${n(result.latency.p95, 2)} · p99 ${n(result.latency.p99, 2)} ms`,
      ],
      [w.behind, n(load.behind)],
      [w.machine, `${result.machine.cpus} × ${result.machine.cpu}, Node ${result.machine.node}`],
    ],
  );
}

function faultsOf({ faults }: LoadResult, w: Words, n: Format): string {
  const seen = FAULTS.filter((fault) => faults.counts[fault] > 0);
  if (seen.length === 0) return `<p class="ok">${w.none}</p>`;
  const examples = faults.examples.map((one) => `${one.fault} ${one.identity} ${one.at}\n  ${one.detail}`).join('\n');
  const rows = seen.map((fault) => [fault, n(faults.counts[fault])]);
  return `${table([w.faults, w.count], rows)}<h3>${w.examples}</h3><pre>${escapeText(examples)}</pre>`;
}

function processesOf({ processes }: LoadResult, w: Words, n: Format): string {
  const mb = (bytes: number | null) => (bytes === null ? '–' : `${n(bytes / 1048576, 1)} MB`);
  const rows = processes.all.map((one) => [
    `${one.name} (${one.role === 'server' ? w.server : w.harness}, ${one.pid})`,
    one.cpuSeconds === null ? '–' : `${n(one.cpuSeconds, 2)} s`,
    one.cpuMicrosPerMessage === null ? '–' : `${n(one.cpuMicrosPerMessage, 2)} µs`,
    mb(one.rssMax),
    one.rssFirst === null || one.rssLast === null ? '–' : mb(one.rssLast - one.rssFirst),
  ]);
  return table([w.process, w.cpu, w.perMessage, w.memory, w.growth], rows);
}

function stormOf({ storm }: LoadResult, w: Words, n: Format): string {
  if (storm === undefined) return '';
  const ms = (value: number | null) => (value === null ? '–' : `${n(value)} ms`);
  const rows = storm.map((round, k) => [
    k === 0 ? w.first : `${w.again} ${k}`,
    ms(round.connectedMs),
    ms(round.readyMs),
    ms(round.stations.p50),
    ms(round.stations.p99),
  ]);
  return `<h2>${w.storm}</h2>${table([w.round, w.connectedAfter, w.readyAfter, 'p50', 'p99'], rows)}`;
}

function ledgerOf({ ledger }: LoadResult, w: Words, n: Format): string {
  if (ledger === undefined) return '';
  const { totals } = ledger;
  const head = [w.transactions, w.started, w.stopped, w.messages, w.energy];
  const row = [totals.transactions, totals.started, totals.stopped, totals.messages].map((value) => n(value));
  return `<h2>${w.ledger}</h2>${table(head, [[...row, `${n(totals.energyWh)} Wh`]])}`;
}

function tallyOf(title: string, tally: Readonly<Record<string, number>>, w: Words, n: Format): string {
  const rows = Object.entries(tally).map(([name, count]) => [name, n(count)]);
  return rows.length === 0 ? '' : `<h2>${title}</h2>${table([w.action, w.count], rows)}`;
}

/** A page that needs nothing from outside. @param body HTML */
export function page(title: string, language: Language, body: string): string {
  return `<!doctype html>
<html lang="${language === 'pt' ? 'pt-BR' : 'en'}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeText(title)}</title><style>${STYLE}</style></head>
<body><h1>${escapeText(title)}</h1>
${body}
</body></html>
`;
}

/** The whole report of a result. */
export function renderReport(result: LoadResult, language: Language): string {
  const w = wordsOf(language);
  const n = formatter(language);
  const faults = Object.values(result.faults.counts).reduce((sum, count) => sum + count, 0);
  const verdict = !result.passed ? w.failed : faults > 0 ? w.tolerated : w.passed;
  const latencies = [
    ...Object.entries(result.actions).map(([name, latency]) => latencyRow(name, latency, n)),
    latencyRow(w.setup, result.setup, n),
    latencyRow(w.connect, result.connect, n),
    ...(result.sendLag.count > 0 ? [latencyRow(w.sendLag, result.sendLag, n)] : []),
  ];
  const body = `<p><strong class="${result.passed ? 'ok' : 'bad'}">${verdict}</strong> · ${result.startedAt} – ${result.endedAt}</p>
${summary(result, w, n)}
<h2>${w.faults}</h2>${faultsOf(result, w, n)}
<h2>${w.latency} (ms)</h2>${table([w.action, w.count, w.mean, 'p50', 'p90', 'p95', 'p99', 'p99.9', w.max], latencies)}
${stormOf(result, w, n)}${ledgerOf(result, w, n)}
${plots(result, w, n).join('\n')}
<h2>${w.processes}</h2>${processesOf(result, w, n)}
${tallyOf(w.verdicts, result.verdicts, w, n)}${tallyOf(w.inbound, result.inbound, w, n)}
<h2>${w.options}</h2><pre>${escapeText(JSON.stringify(result.options, null, 2))}</pre>`;
  return page(`${w.title}: ${result.scenario}`, language, body);
}
