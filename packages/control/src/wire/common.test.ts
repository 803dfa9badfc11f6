import { expect, it } from 'vitest';
import { iso } from './common.js';

it('writes times as dates do', () => {
  const day = 86_400_000;
  const times = [0, 1, 9, 10, 99, 100, 999, 1000, 59_999, 3_599_999, day - 1, day, -1, -day, 1_795_469_766_790];
  for (let i = 0; i < 2000; i++) times.push(Math.floor(Math.sin(i) * 4e12));
  times.push(253_402_300_799_999, 253_402_300_800_000, -62_167_219_200_001);
  for (const ms of times) expect(iso(new Date(ms))).toBe(new Date(ms).toISOString());
  expect(iso(null)).toBeNull();
  expect(() => iso(new Date(Number.NaN))).toThrow(RangeError);
});
