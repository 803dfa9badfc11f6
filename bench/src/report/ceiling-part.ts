/** The room of the page's part on the ceiling, on half of capacity, and on REST. */
import { type CeilingResult, medianCpu, restRatio, type Summary, summarise } from '../ceiling/result.js';
import { SATURATED, targetOf } from '../ceiling/targets.js';
import { median, type Spread, spreadOf } from '../maths.js';
import { count, share, times } from '../out.js';
import type { Data } from './data.js';
import { mdTable, paragraphs, picture } from './markdown.js';
import { bars, type Stack, stacks } from './svg.js';

/** Files beside the page, by name. */
export type Pictures = Map<string, string>;

const LEAST_MICROS = 0.05;

function cpuOf(cpu: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(cpu).filter(([, micros]) => micros >= LEAST_MICROS));
}

const cpuText = (cpu: Readonly<Record<string, number>>) =>
  Object.entries(cpuOf(cpu))
    .map(([group, micros]) => `${group} ${micros.toFixed(1)}`)
    .join(', ');

const serverMicros = (cpu: Readonly<Record<string, number>>) =>
  Object.entries(cpu).reduce((sum, [group, micros]) => (group === 'client' ? sum : sum + micros), 0);

const range = (spread: Spread | null) =>
  spread === null ? '-' : `${times(spread.median)} (${times(spread.min)}-${times(spread.max)})`;

function draw(all: readonly Summary[], pictures: Pictures): void {
  const ratios = all.flatMap(({ target, ratio: found }) =>
    found === null
      ? []
      : {
          name: targetOf(target).title,
          value: found.median,
          range: [found.min, found.max] as const,
          label: times(found.median),
        },
  );
  pictures.set('ceiling-ratio', bars('Rate beside a bare echo of the same frame', ratios));
  const parts: Stack[] = all.map(({ target, cpu }) => ({
    name: targetOf(target).title,
    // The server of a comparison is one colour, whoever it is.
    parts: Object.fromEntries(
      Object.entries(cpuOf(cpu)).map(([group, micros]) => [
        ['echo', 'ocpp-rpc', 'ocpp-ws-io'].includes(group) ? 'server' : group,
        micros,
      ]),
    ),
  }));
  pictures.set('ceiling-cpu', stacks('CPU per message', parts, 'µs'));
}

function warnings({ measurements }: CeilingResult, all: readonly Summary[]): string[] {
  const saturated = all
    .filter(({ utilisation }) => utilisation >= SATURATED)
    .map(({ target }) => targetOf(target).title);
  const wrong = measurements.reduce((sum, { faults }) => sum + faults, 0);
  return [
    saturated.length > 0
      ? `The client was the limit, with ${share(SATURATED)} of its loop or more, for: ${saturated.join('; ')}. CPU per message tells more than the rate there.`
      : '',
    wrong > 0 ? `**${wrong} answers were wrong or missing: the figures of those runs are worth nothing.**` : '',
  ];
}

export function ceilingPart({ ceiling, notes }: Data, pictures: Pictures): string {
  const title = '## The ceiling';
  if (ceiling === null || ceiling.measurements.length === 0)
    return paragraphs(title, 'Not measured yet: `pnpm bench:ceiling`.', notes.ceiling);
  const all = summarise(ceiling.measurements);
  draw(all, pictures);
  const { options } = ceiling;
  const head = [
    '',
    'messages/s',
    'of the echo',
    'by CPU',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'client',
    'server µs',
    'CPU µs per message',
  ];
  const rows = all.map((one) => [
    targetOf(one.target).title,
    count(one.rate.median),
    range(one.ratio),
    times(one.cpuRatio?.median),
    count(one.p50),
    count(one.p95),
    count(one.p99),
    share(one.utilisation),
    serverMicros(one.cpu).toFixed(1),
    cpuText(one.cpu),
  ]);
  return paragraphs(
    title,
    `One client, closed loop: ${options.stations} stations in ${options.processes} process(es), the next CALL as soon as the answer is there. ` +
      `The platform has ${options.edges} edge and ${options.workers} worker process(es), and PostgreSQL with its default durability. ` +
      `${options.rounds} rounds of ${options.durationMs / 1000} s each, after ${options.warmupMs / 1000} s of warm-up, in another order each round, nothing else running meanwhile. ` +
      'Ratios are to the bare uWebSockets.js echo of the same frame in the same round: the median, and the lowest and highest round. ' +
      '"by CPU" is the same ratio as processor time has it, of all processes, the client included: what the rate would be if nobody ever waited. ' +
      '"client" is how busy its event loop was.',
    mdTable(head, rows),
    picture('ceiling-ratio', 'Rate beside a bare echo'),
    picture('ceiling-cpu', 'CPU per message, by process'),
    ...warnings(ceiling, all),
    notes.ceiling,
  );
}

export function halfPart({ ceiling, notes }: Data): string {
  const title = '## Latency at half of capacity';
  const half = ceiling?.half ?? [];
  if (half.length === 0) return paragraphs(title, 'Not measured yet: `pnpm bench:ceiling`.', notes.half);
  const rows = (['heartbeat', 'transaction'] as const).flatMap((target) => {
    const mine = half.filter((one) => one.target === target);
    if (mine.length === 0) return [];
    const of = (pick: (one: (typeof mine)[number]) => number) => count(median(mine.map(pick)));
    const behind = mine.reduce((sum, one) => sum + one.behind, 0);
    return [
      [
        targetOf(target).title,
        of((one) => one.asked),
        of((one) => one.rate),
        of((one) => one.p50),
        of((one) => one.p95),
        of((one) => one.p99),
        of((one) => one.ownDelay),
        count(behind),
      ],
    ];
  });
  return paragraphs(
    title,
    'Open loop: the times of the sends are fixed beforehand, at half of the rate that the closed loop reached, and latency counts from them. ' +
      '"own delay" is how late the client itself was, "behind" the sends that were never made.',
    mdTable(['', 'asked/s', 'answered/s', 'p50 ms', 'p95 ms', 'p99 ms', 'own delay p99 ms', 'behind'], rows),
    notes.half,
  );
}

export function restPart({ ceiling, notes }: Data): string {
  const title = '## REST';
  const rest = ceiling?.rest ?? [];
  if (ceiling === null || rest.length === 0)
    return paragraphs(title, 'Not measured yet: `pnpm bench:ceiling`.', notes.rest);
  const names = { hello: 'bare Hono hello', device: 'GET /devices/:id' } as const;
  const rows = (['hello', 'device'] as const).flatMap((target) => {
    const mine = rest.filter((one) => one.target === target);
    const rate = spreadOf(mine.map((one) => one.rate));
    if (rate === null) return [];
    const of = (pick: (one: (typeof mine)[number]) => number) => count(median(mine.map(pick)));
    const failed = mine.reduce((sum, one) => sum + one.failed, 0);
    return [
      [
        names[target],
        count(rate.median),
        target === 'hello' ? '1.00' : range(restRatio(rest)),
        of((one) => one.p50),
        of((one) => one.p99),
        count(failed),
        cpuText(medianCpu(mine)),
      ],
    ];
  });
  return paragraphs(
    title,
    `${ceiling.options.connections} connections that are kept alive, one request at a time on each, devices in turn, logged in; autocannon in a process of its own. The hello is on the same version of the same server.`,
    mdTable(['', 'requests/s', 'of the hello', 'p50 ms', 'p99 ms', 'failed', 'CPU µs per request'], rows),
    notes.rest,
  );
}
