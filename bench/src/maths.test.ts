import { describe, expect, it } from 'vitest';
import { deviation, median, ratio, rotate, spreadOf } from './maths.js';

describe('median', () => {
  it('is the middle, or between the two in the middle, whatever the order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });
});

describe('spreadOf', () => {
  it('leaves out rounds that said nothing, and says nothing where none did', () => {
    expect(spreadOf([2, null, 1, 9])).toEqual({ median: 2, min: 1, max: 9 });
    expect(spreadOf([null, Number.NaN])).toBeNull();
  });

  it('deviates by its farthest round', () => {
    expect(deviation({ median: 10, min: 9, max: 12 })).toBeCloseTo(0.2);
    expect(deviation({ median: 0, min: 0, max: 0 })).toBe(0);
  });
});

describe('ratio', () => {
  it('is none where a part is missing or the base is nothing', () => {
    expect(ratio(3, 4)).toBe(0.75);
    for (const [value, base] of [[null, 1] as const, [1, null] as const, [1, 0] as const, [undefined, 2] as const])
      expect(ratio(value, base)).toBeNull();
  });
});

describe('rotate', () => {
  it('begins elsewhere and leaves nothing out', () => {
    expect(rotate(['a', 'b', 'c'], 1)).toEqual(['b', 'c', 'a']);
    expect(rotate(['a', 'b', 'c'], 3)).toEqual(['a', 'b', 'c']);
    expect(rotate([], 2)).toEqual([]);
  });
});
