/** Every question can be asked: one call of each row, so that none rots. */
import { describeReal } from '@sigec/testkit';
import { describe, expect, it } from 'vitest';
import { ask, ONCE } from '../micro/measure.js';
import type { Question } from '../micro/question.js';
import { QUESTIONS } from './index.js';

async function answers(question: Question): Promise<void> {
  const result = await ask(question, ONCE);
  expect(result.groups.length).toBeGreaterThan(0);
  for (const { title, rows } of result.groups) {
    expect(rows.length, title).toBeGreaterThan(1);
    expect(rows[0]?.ratio, title).toBe(1);
    for (const { name, nsPerOp } of rows) expect(nsPerOp, `${title}: ${name}`).toBeGreaterThan(0);
  }
}

describe('the question', () => {
  it.each(QUESTIONS.filter(({ needs }) => needs === undefined))('$name is answered', answers);
});

describeReal('the question', ['postgres'], () => {
  it.each(QUESTIONS.filter(({ needs }) => needs !== undefined))('$name is answered', answers);
});
