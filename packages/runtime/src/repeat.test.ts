import { describe, expect, it, vi } from 'vitest';
import { createLogger } from './logger.js';
import { repeat } from './repeat.js';

const logger = createLogger({ role: 'test', destination: { write: () => {} } });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const WITHIN = { timeout: 60_000, interval: 5 };

describe('repeat', () => {
  it('runs at once, again after its pause, sooner when poked, and not after its close', async () => {
    let runs = 0;
    const task = repeat('t', 60_000, logger, async () => {
      runs++;
      return false;
    });
    expect(runs).toBe(1);
    task.poke();
    await vi.waitFor(() => expect(runs).toBe(2), WITHIN);
    await task.close();
    task.poke();
    await pause(60);
    expect(runs).toBe(2);
  });

  it('does not end by a failure, runs again at once where there is more, and waits for a run at its close', async () => {
    let runs = 0;
    let ended = false;
    const task = repeat('t', 1, logger, async () => {
      runs++;
      if (runs === 1) throw new Error('no');
      await pause(5);
      ended = true;
      return runs < 4;
    });
    await vi.waitFor(() => expect(runs).toBe(4), WITHIN);
    ended = false;
    await task.close();
    expect(ended).toBe(true);
  });
});
