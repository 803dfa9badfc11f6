/** Runs a task again and again with a pause between the runs; a failure is logged and does not end it. */
import type { Logger } from '@sigec/runtime';

export interface Repeating {
  /** Runs it now instead of at the end of the pause. */
  poke(): void;
  /** Lets a run that is under way end. */
  close(): Promise<void>;
}

/** @param task resolves to true where it should run again at once */
export function repeat(name: string, everyMs: number, logger: Logger, task: () => Promise<boolean>): Repeating {
  let closed = false;
  let wake: () => void = () => undefined;
  let poked = false;
  const run = async () => {
    while (!closed) {
      let again = false;
      try {
        again = await task();
      } catch (error) {
        logger.warn({ err: error, task: name }, 'background task failed; it will be tried again');
      }
      if (again || poked || closed) {
        poked = false;
        continue;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      poked = false;
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
