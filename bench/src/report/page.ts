/** The room of the page itself: pure, from what the files hold to Markdown and pictures. */
import type { Machine } from '../machine.js';
import { count, share, times } from '../out.js';
import { ceilingPart, halfPart, type Pictures, restPart } from './ceiling-part.js';
import type { Data } from './data.js';
import { fleetCommand, fleetPart, growthCommand, growthPart } from './fleet-part.js';
import { GOALS, judge, verdictOf } from './goals.js';
import { day, mdTable, paragraphs } from './markdown.js';

export interface Page {
  readonly text: string;
  readonly pictures: ReadonlyMap<string, string>;
}

const WORDS = { met: 'met', missed: '**missed**', open: 'not measured' } as const;
const PALAVRAS = { met: 'atingida', missed: 'não atingida', open: 'sem medição' } as const;

function goalRows(data: Data): string[][] {
  return GOALS.flatMap(({ what, aims }) =>
    aims.map((aim, k) => {
      const { verdict, value, missedBy } = judge(aim, data);
      return [
        k === 0 ? what : '',
        aim.what,
        `${aim.sense} ${aim.show(aim.limit)}`,
        value === null ? '-' : aim.show(value),
        verdict === 'missed' ? `${WORDS.missed} by ${share(missedBy)}` : WORDS[verdict],
      ];
    }),
  );
}

function summaryPt(data: Data): string {
  const verdicts = GOALS.map((goal) => verdictOf(goal, data));
  const of = (wanted: (typeof verdicts)[number]) => verdicts.filter((verdict) => verdict === wanted).length;
  const list = GOALS.map((goal, k) => `- ${goal.pt}: ${PALAVRAS[verdicts[k]!]}`);
  return paragraphs(
    '## Resumo',
    `Das ${GOALS.length} metas, ${of('met')} atingidas, ${of('missed')} não atingidas, ${of('open')} sem medição. Os números, as condições e as causas estão nas tabelas abaixo (em inglês); todos vêm dos arquivos de \`bench/results\`, nenhum foi digitado.`,
    list.join('\n'),
  );
}

function machineLine(machine: Machine | undefined): string {
  if (machine === undefined) return '';
  const { cores, cpu, memoryBytes, kernel, node, glibc, postgres, nats, redis } = machine;
  const version = (name: string, value: string | null) => `${name} ${value ?? 'of unknown version'}`;
  return (
    `${cores} cores (${cpu}), ${count(memoryBytes / 1024 ** 3)} GB, Linux ${kernel}, Node ${node}, ${version('glibc', glibc)}, ` +
    `${version('PostgreSQL', postgres)}, ${version('NATS', nats)}, ${version('Redis', redis)}. Client and servers share the cores.`
  );
}

function runs({ ceiling, micro, fleets, growth, many }: Data): string {
  const rows = [
    ...(ceiling === null ? [] : [[`\`${ceiling.command}\``, day(ceiling.at)]]),
    ...fleets.map((fleet) => [`\`${fleetCommand(fleet)}\``, day(fleet.startedAt)]),
    ...[growth, many].flatMap((one) => (one === null ? [] : [[`\`${growthCommand(one)}\``, day(one.startedAt)]])),
    ...(micro === null ? [] : [[`\`${micro.command}\``, day(micro.at)]]),
  ];
  return rows.length === 0 ? 'Nothing was measured yet.' : mdTable(['command', 'date'], rows);
}

function microPart({ micro, notes }: Data): string {
  const title = '## What a message is made of';
  if (micro === null || micro.questions.length === 0)
    return paragraphs(title, 'Not measured yet: `pnpm bench`.', notes.micro);
  const questions = micro.questions.map(({ name, question, groups }) =>
    paragraphs(
      `### ${name}`,
      question,
      ...groups.map((group) =>
        mdTable(
          [group.title, 'per s', 'ns', '±', 'ratio', ''],
          group.rows.map((row) => [
            row.name,
            count(row.opsPerSecond),
            count(row.nsPerOp),
            share(row.deviation),
            times(row.ratio),
            row.note ?? '',
          ]),
        ),
      ),
    ),
  );
  return paragraphs(
    title,
    'Per item: the median of the rounds, ± the round farthest from it, and the speed beside the first row of the table.',
    ...questions,
    notes.micro,
  );
}

export function renderPage(data: Data): Page {
  const pictures: Pictures = new Map();
  const text = paragraphs(
    '# Performance',
    '<!-- Made by `pnpm bench:report` from bench/results and bench/notes. Change those, not this page. -->',
    summaryPt(data),
    '## Goals',
    mdTable(['goal', '', 'asked', 'measured', ''], goalRows(data)),
    data.notes.goals,
    '## Machine and commands',
    machineLine(data.ceiling?.machine ?? data.micro?.machine),
    runs(data),
    data.notes.method,
    ceilingPart(data, pictures),
    halfPart(data),
    restPart(data),
    fleetPart(data, pictures),
    growthPart(data, pictures),
    microPart(data),
  );
  return { text: `${text}\n`, pictures };
}
