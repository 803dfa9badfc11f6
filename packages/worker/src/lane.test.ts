import { describe, expect, it } from 'vitest';
import { Lane } from './lane.js';

/** Batches that end when told. */
function gate() {
  const batches: number[][] = [];
  const open: (() => void)[] = [];
  const run = (batch: number[]) => {
    batches.push(batch);
    return new Promise<void>((resolve) => open.push(resolve));
  };
  return { batches, run, release: () => open.shift()?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Lane', () => {
  it('starts with the turn, gathers what comes while a batch runs, and keeps the order', async () => {
    const { batches, run, release } = gate();
    const lane = new Lane<number>({ batchMax: 100, parallel: 1, waitingMax: 1000, run });
    lane.push(1);
    lane.push(2);
    expect(batches).toEqual([]);
    await turn();
    expect(batches).toEqual([[1, 2]]);
    for (const n of [3, 4, 5]) lane.push(n);
    await turn();
    expect(batches).toHaveLength(1);
    expect(lane.waiting).toBe(3);
    release();
    await turn();
    await turn();
    expect(batches).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    release();
    await lane.drained();
  });

  it('never makes a batch larger than the most, and runs no more at once than allowed', async () => {
    const { batches, run, release } = gate();
    const lane = new Lane<number>({ batchMax: 2, parallel: 2, waitingMax: 1000, run });
    for (let n = 0; n < 7; n++) lane.push(n);
    await turn();
    expect(batches).toEqual([
      [0, 1],
      [2, 3],
    ]);
    for (let n = 0; n < 4; n++) {
      release();
      await turn();
      await turn();
    }
    expect(batches.flat()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(2);
    await lane.drained();
  });

  it('refuses what is beyond its bound and takes again when there is room', async () => {
    const { run, release } = gate();
    const lane = new Lane<number>({ batchMax: 10, parallel: 1, waitingMax: 2, run });
    lane.push(0);
    await turn();
    expect([lane.push(1), lane.push(2), lane.push(3)]).toEqual([true, true, false]);
    release();
    await turn();
    await turn();
    expect(lane.push(4)).toBe(true);
    release();
    await turn();
    await turn();
    release();
    await lane.drained();
    expect(lane.waiting).toBe(0);
  });

  it('is drained at once when idle, else after the last batch', async () => {
    const { batches, run, release } = gate();
    const lane = new Lane<number>({ batchMax: 1, parallel: 1, waitingMax: 10, run });
    await lane.drained();
    lane.push(1);
    lane.push(2);
    let done = false;
    const drained = lane.drained().then(() => {
      done = true;
    });
    await turn();
    release();
    await turn();
    await turn();
    expect([done, batches]).toEqual([false, [[1], [2]]]);
    release();
    await drained;
  });

  it('waits for company where nobody waits for the result, but not when it is drained', async () => {
    const { batches, run, release } = gate();
    const lane = new Lane<number>({ batchMax: 10, parallel: 1, waitingMax: 10, gatherMs: 400, run });
    lane.push(1);
    await turn();
    lane.push(2);
    await turn();
    expect(batches).toEqual([]);
    const drained = lane.drained();
    expect(batches).toEqual([[1, 2]]);
    release();
    await drained;
  });
});
