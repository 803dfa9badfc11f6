/** `pnpm bench [question ...]`: asks all of them one after the other, or those named, and keeps the answers. */
import { realServers } from '@sigec/testkit';
import pc from 'picocolors';
import { machine } from '../machine.js';
import { count, say, share, table, times } from '../out.js';
import { QUESTIONS } from '../questions/index.js';
import { readResult, writeResult } from '../results.js';
import { ask, type GroupResult, PACE, type QuestionResult } from './measure.js';
import type { Question } from './question.js';

/** What `micro.json` holds. */
export interface MicroResult {
  readonly format: 'sigec-bench-micro/1';
  readonly at: string;
  readonly command: string;
  readonly machine: Awaited<ReturnType<typeof machine>>;
  readonly questions: readonly QuestionResult[];
}

function print({ title, rows }: GroupResult): void {
  const first = rows[0];
  const cells = rows.map((row) => {
    const colour = row === first ? pc.dim : row.ratio >= 1 ? pc.green : pc.yellow;
    return [
      row.name,
      count(row.opsPerSecond),
      count(row.nsPerOp),
      share(row.deviation),
      colour(times(row.ratio)),
      pc.dim(row.note ?? ''),
    ];
  });
  say(`\n${pc.bold(title)}`);
  say(table(['', 'ops/s', 'ns/op', '±', 'ratio', ''], cells));
}

function wanted(names: readonly string[]): readonly Question[] {
  if (names.length === 0) return QUESTIONS;
  return names.map((name) => {
    const found = QUESTIONS.find((question) => question.name === name);
    if (found === undefined) throw new Error(`${name}: is none of ${QUESTIONS.map((q) => q.name).join(', ')}`);
    return found;
  });
}

/** Questions that were not asked this time keep the answers they had. */
function merged(fresh: readonly QuestionResult[]): QuestionResult[] {
  const before = (readResult('micro') as Partial<MicroResult> | null)?.questions ?? [];
  return QUESTIONS.flatMap(({ name }) => {
    const found = fresh.find((one) => one.name === name) ?? before.find((one) => one.name === name);
    return found === undefined ? [] : [found];
  });
}

async function main(names: readonly string[]): Promise<void> {
  const results: QuestionResult[] = [];
  for (const question of wanted(names)) {
    const missing = (question.needs ?? []).filter((need) => !realServers()[need]);
    say(`\n${pc.bold(pc.cyan(question.name))}  ${question.question}`);
    if (missing.length > 0) {
      say(pc.yellow(`  left out: ${missing.join(', ')} is not on this machine`));
      continue;
    }
    results.push(await ask(question, PACE, print));
  }
  const result: MicroResult = {
    format: 'sigec-bench-micro/1',
    at: new Date().toISOString(),
    command: ['pnpm bench', ...names].join(' '),
    machine: await machine(),
    questions: merged(results),
  };
  say(`\n${pc.dim(`written: ${writeResult('micro', result)}`)}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${pc.red(error instanceof Error ? error.message : String(error))}\n`);
  process.exitCode = 1;
}
