/** The room of the measuring: tinybench, in rounds that take turns through the rows of a group. */
import { Bench } from 'tinybench';
import { deviation, median, ratio, spreadOf } from '../maths.js';
import type { Group, Question, Row } from './question.js';

export interface Pace {
  readonly rounds: number;
  /** Per row and round. */
  readonly timeMs: number;
  readonly warmupMs: number;
  /** Calls within one measured step take at least this long, so that the clock's own cost is none of the row's. */
  readonly stepMs: number;
}

export const PACE: Pace = { rounds: 5, timeMs: 120, warmupMs: 60, stepMs: 0.05 };
/** One call of each row: does it still work? */
export const ONCE: Pace = { rounds: 1, timeMs: 0, warmupMs: 0, stepMs: 0 };

/** Figures are per item. */
export interface RowResult {
  readonly name: string;
  readonly note?: string;
  readonly items: number;
  readonly opsPerSecond: number;
  /** Median of the rounds, of each round's median. */
  readonly nsPerOp: number;
  /** How far rounds are from that at most, as a share. */
  readonly deviation: number;
  /** Speed beside that of the group's first row: median of the rounds, each compared with its own. */
  readonly ratio: number;
}

export interface GroupResult {
  readonly title: string;
  readonly rows: readonly RowResult[];
}

export interface QuestionResult {
  readonly name: string;
  readonly question: string;
  readonly groups: readonly GroupResult[];
}

/** Where results of rows go: what nobody keeps, the compiler may leave out. */
export const kept: { value: unknown } = { value: undefined };

const MAX_REPEAT = 1 << 16;

/** How many calls make a step. A row that answers with a promise is one step by itself. */
function repeatsOf(row: Row, stepMs: number): number {
  kept.value = row.run(0);
  if (kept.value instanceof Promise) return 1;
  for (let repeat = 1; repeat < MAX_REPEAT; repeat *= 2) {
    const from = performance.now();
    for (let turn = 0; turn < repeat; turn++) kept.value = row.run(turn);
    if (performance.now() - from >= stepMs) return repeat;
  }
  return MAX_REPEAT;
}

interface Prepared {
  readonly row: Row;
  readonly repeat: number;
  readonly step: () => unknown;
}

async function prepare(row: Row, stepMs: number): Promise<Prepared> {
  const repeat = repeatsOf(row, stepMs);
  await kept.value;
  let turn = 0;
  if (repeat === 1) return { row, repeat, step: () => row.run(turn++) };
  const step = () => {
    for (let k = 0; k < repeat; k++) kept.value = row.run(turn++);
  };
  return { row, repeat, step };
}

async function round(rows: readonly Prepared[], pace: Pace): Promise<number[]> {
  const bench = new Bench({
    time: pace.timeMs,
    iterations: 1,
    warmup: pace.warmupMs > 0,
    warmupTime: pace.warmupMs,
    warmupIterations: 1,
    throws: true,
  });
  for (const [k, { row, step }] of rows.entries()) bench.add(`${k} ${row.name}`, step);
  await bench.run();
  return bench.tasks.map(({ result, name }, k) => {
    if (!('latency' in result)) throw new Error(`${name}: was not measured (${result.state})`);
    const { row, repeat } = rows[k]!;
    return (result.latency.p50 * 1e6) / repeat / (row.items ?? 1);
  });
}

/** Asks one group: every row in every round. */
export async function measureGroup({ title, rows }: Group, pace: Pace): Promise<GroupResult> {
  const prepared: Prepared[] = [];
  for (const row of rows) prepared.push(await prepare(row, pace.stepMs));
  const times: number[][] = rows.map(() => []);
  for (let k = 0; k < pace.rounds; k++) {
    const found = await round(prepared, pace);
    for (const [i, ns] of found.entries()) times[i]!.push(ns);
  }
  return {
    title,
    rows: rows.map(({ name, note, items = 1 }, i) => {
      const spread = spreadOf(times[i]!)!;
      return {
        name,
        ...(note === undefined ? {} : { note }),
        items,
        nsPerOp: spread.median,
        opsPerSecond: spread.median === 0 ? 0 : 1e9 / spread.median,
        deviation: deviation(spread),
        ratio: median(times[i]!.map((ns, k) => ratio(times[0]![k], ns) ?? 0)),
      };
    }),
  };
}

/** Asks a question, group by group; `told` hears of each. */
export async function ask(
  { name, question, prepare: open }: Question,
  pace: Pace,
  told: (group: GroupResult) => void = () => undefined,
): Promise<QuestionResult> {
  const prepared = await open();
  const groups: GroupResult[] = [];
  try {
    for (const group of prepared.groups) {
      const result = await measureGroup(group, pace);
      groups.push(result);
      told(result);
    }
  } finally {
    await prepared.close?.();
  }
  return { name, question, groups };
}
