/**
 * Runs a task again and again with a pause between the runs; a failure is logged and does not end it.
 * However often it is poked, a short pause stays, so that it gathers work instead of chasing it.
 */
import type { Logger } from './logger.js';

/** Least pause between two runs, ms. */
const LEAST_MS = 40;

export interface Repeating {
  /** Runs it soon instead of at the end of the pause. */
  poke(): void;
  /** Lets a run that is under way end. */
  close(): Promise<void>;
}

/** @param task resolves to true where it should run again at once */
export function repeat(name: string, everyMs: number, logger: Logger, task: () => Promise<boolean>): Repeating {
  let closed = false;
  let poked = false;
  let wake: () => void = () => undefined;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async () => {
    while (!closed) {
      poked = false;
      let again = false;
      try {
        again = await task();
      } catch (error) {
        logger.warn({ err: error, task: name }, 'background task failed; it will be tried again');
      }
      if (again || closed) continue;
      wake = () => undefined;
      await new Promise<void>((resolve) => setTimeout(resolve, Math.min(LEAST_MS, everyMs)));
      if (!poked && !closed) await pause(everyMs);
    }
  };
  const running = run();
  return {
    poke() {
      poked = true;
      wake();
    },
    async close() {
      closed = true;
      wake();
      await running;
    },
  };
}
