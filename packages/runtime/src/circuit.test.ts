import { expect, it } from 'vitest';
import { CircuitOpenError, Circuits } from './circuit.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics.js';

function circuit() {
  let ms = 0;
  const metrics = createMetrics('test');
  const clock = { now: () => ms, monotonic: () => ms };
  const circuits = new Circuits({ metrics, clock, logger: createLogger({ role: 'test', level: 'silent' }) });
  const made = circuits.of('there', { failures: 3, openMs: 1000, counts: (error) => String(error).includes('away') });
  let asked = 0;
  const ask = (end: () => Promise<string>) =>
    made
      .run(() => {
        asked += 1;
        return end();
      })
      .catch((error: unknown) => (error instanceof CircuitOpenError ? 'open' : String(error)));
  return {
    ask,
    asked: () => asked,
    move: (by: number) => (ms += by),
    shown: async () => /sigec_circuit_open\{[^}]*name="there"[^}]*\} (\d)/.exec(await metrics.render())?.[1],
  };
}
const good = async () => 'good';
const away = () => Promise.reject(new Error('away'));
const no = () => Promise.reject(new Error('no'));

it('opens after failures in a row, and then asks nothing', async () => {
  const { ask, asked, shown } = circuit();
  for (const end of [away, away, good, away, away, no, away, away]) expect(await ask(end)).not.toBe('open');
  expect(await shown()).toBe('0');
  expect(await ask(away)).toBe('Error: away');
  expect(await shown()).toBe('1');
  const before = asked();
  expect(await Promise.all([ask(good), ask(good)])).toEqual(['open', 'open']);
  expect(asked()).toBe(before);
});

it('lets one try when its time is over, and closes with its success', async () => {
  const { ask, asked, move, shown } = circuit();
  for (const end of [away, away, away]) await ask(end);
  move(999);
  expect(await ask(good)).toBe('open');
  move(1);
  let end: (value: string) => void = () => undefined;
  const trial = ask(() => new Promise<string>((resolve) => (end = resolve)));
  expect(await Promise.all([ask(good), ask(good)])).toEqual(['open', 'open']);
  end('good');
  expect(await trial).toBe('good');
  expect(await shown()).toBe('0');
  expect(await ask(good)).toBe('good');
  expect(asked()).toBe(5);
});

it('stays open for as long again where the trial fails', async () => {
  const { ask, move, shown } = circuit();
  for (const end of [away, away, away]) await ask(end);
  move(1000);
  expect(await ask(away)).toBe('Error: away');
  move(999);
  expect(await ask(good)).toBe('open');
  expect(await shown()).toBe('1');
  move(1);
  // One that says no is there.
  expect(await ask(no)).toBe('Error: no');
  expect(await shown()).toBe('0');
});

it('is not closed by what was asked before it opened', async () => {
  const { ask } = circuit();
  let end: (value: string) => void = () => undefined;
  const early = ask(() => new Promise<string>((resolve) => (end = resolve)));
  for (const failing of [away, away, away]) await ask(failing);
  end('good');
  expect(await early).toBe('good');
  expect(await ask(good)).toBe('open');
});
