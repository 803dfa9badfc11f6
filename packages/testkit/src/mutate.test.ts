import { expect, it } from 'vitest';
import { createMutator, seeded } from './mutate.js';

const FRAMES = [
  '[2,"1","Heartbeat",{}]',
  '[2,"2","StatusNotification",{"connectorId":1,"status":"Available","errorCode":"NoError"}]',
];

it('gives the same frames for the same seed, and others for another', () => {
  const some = (seed: number) => {
    const mutator = createMutator(FRAMES, seed);
    return Array.from({ length: 300 }, () => mutator.next().toString('latin1'));
  };
  expect(some(7)).toEqual(some(7));
  expect(some(7)).not.toEqual(some(8));
});

it('breaks frames in many ways, leaves some whole, and none grows without bound', () => {
  const mutator = createMutator(FRAMES, 1);
  const made = Array.from({ length: 5_000 }, () => mutator.next());
  const texts = made.map(String);
  const parses = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const valid = texts.filter(parses).length;
  expect(valid).toBeGreaterThan(500);
  expect(valid).toBeLessThan(4_500);
  expect(texts.filter((text) => FRAMES.includes(text)).length).toBeGreaterThan(100);
  expect(new Set(texts).size).toBeGreaterThan(2_500);
  expect(texts.some((text) => text.includes('__proto__'))).toBe(true);
  expect(texts.some((text) => /"status":[^"]/.test(text))).toBe(true);
  expect(made.some((bytes) => !Buffer.from(String(bytes)).equals(bytes))).toBe(true);
  expect(Math.max(...made.map((bytes) => bytes.length))).toBeLessThan(300_000);
});

it('draws evenly', () => {
  const random = seeded(3);
  const drawn = Array.from({ length: 10_000 }, random);
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(Math.abs(drawn.reduce((sum, value) => sum + value, 0) / drawn.length - 0.5)).toBeLessThan(0.02);
});

it('wants a frame to begin with', () => {
  expect(() => createMutator([], 1)).toThrow('frames');
});
