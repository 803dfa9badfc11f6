/**
 * Work that nobody waits for. Whether a person exists must not be seen from how long an answer takes, so what depends on it is
 * done after the answer has left.
 */
import type { Logger } from '@sigec/runtime';
import { ProblemError } from '../problem.js';

/** At once in this process; whoever comes then is told to come again. */
const MAX_RUNNING = 200;

export class Aside {
  readonly #logger: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @throws {ProblemError} `overloaded` */
  run(what: string, work: () => Promise<void>): void {
    if (this.#running.size >= MAX_RUNNING) throw new ProblemError('overloaded', { headers: { 'retry-after': '2' } });
    const running = Promise.resolve()
      .then(work)
      // The name alone: errors of the database quote what a statement was given.
      .catch((error: unknown) => this.#logger.warn({ reason: (error as Error).name }, `${what}: failed`))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when what runs now has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }
}
