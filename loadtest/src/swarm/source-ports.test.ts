import { expect, it } from 'vitest';
import { SourcePorts } from './source-ports.js';

it('gives each address its ports in turns, all different until they are through', () => {
  const ports = new SourcePorts(2);
  const first = Array.from({ length: 28_000 }, () => ports.next(0));
  expect(new Set(first).size).toBe(28_000);
  expect(Math.min(...first)).toBeGreaterThan(32_000);
  expect(Math.max(...first)).toBeLessThan(65_536);
  expect(ports.next(0)).toBe(first[0]);
  expect(ports.next(1)).toBe(first[0]);
});
