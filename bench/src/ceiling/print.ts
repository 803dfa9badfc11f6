/** The room of what a ceiling run says on the terminal. */
import pc from 'picocolors';
import type { Spread } from '../maths.js';
import { count, say, share, table, times } from '../out.js';
import type { CeilingResult, HalfMeasurement, Measurement, RestMeasurement } from './result.js';
import { restRatio, summarise } from './result.js';
import { SATURATED, targetOf } from './targets.js';

const used = (cpu: Readonly<Record<string, number>>) =>
  Object.entries(cpu)
    .filter(([, micros]) => micros >= 0.05)
    .map(([group, micros]) => `${group} ${micros.toFixed(1)}`)
    .join('  ');

function line(round: number, title: string, { rate, cpu }: { rate: number; cpu: Record<string, number> }): void {
  say(`${pc.dim(`round ${round + 1}`)}  ${title.padEnd(46)} ${count(rate).padStart(9)}/s  ${pc.dim(used(cpu))}`);
}

export function told({ target, faults, ...one }: Measurement): void {
  line(one.round, targetOf(target).title, one);
  if (faults > 0) say(pc.red(`         ${faults} faults: this measurement is worth nothing`));
}

export function toldHalf({ target, asked, p50, p95, p99, ...one }: HalfMeasurement): void {
  line(one.round, `${targetOf(target).title.split(':')[0]} at ${count(asked)}/s`, one);
  say(pc.dim(`         p50 ${count(p50)}  p95 ${count(p95)}  p99 ${count(p99)} ms`));
}

export function toldRest({ target, failed, ...one }: RestMeasurement): void {
  line(one.round, target === 'hello' ? 'bare Hono hello' : 'GET /devices/:id', one);
  if (failed > 0) say(pc.red(`         ${failed} requests failed: this measurement is worth nothing`));
}

const range = (spread: Spread | null) =>
  spread === null ? '-' : `${times(spread.median)} ${pc.dim(`${times(spread.min)}-${times(spread.max)}`)}`;

/** The summary: medians over the rounds. */
export function print({ measurements, rest }: CeilingResult): void {
  const rows = summarise(measurements).map((one) => {
    const { title, id, base } = targetOf(one.target);
    const client = share(one.utilisation);
    return [
      id === base ? pc.bold(title) : title,
      count(one.rate.median),
      range(one.ratio),
      times(one.cpuRatio?.median),
      count(one.p50),
      count(one.p95),
      count(one.p99),
      one.utilisation >= SATURATED ? pc.yellow(client) : client,
      pc.dim(used(one.cpu)),
    ];
  });
  say(
    `\n${table(['', 'msg/s', 'of echo', 'by CPU', 'p50', 'p95', 'p99 ms', 'client', 'µs of CPU per message'], rows, [8])}`,
  );
  say(
    pc.dim(`  client at ${share(SATURATED)} and more is what limits the rate there; CPU per message tells more then`),
  );
  const ofHello = restRatio(rest);
  if (ofHello !== null) say(`\n  GET /devices/:id of bare Hono hello: ${range(ofHello)}`);
}
