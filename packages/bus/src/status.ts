/** The status of a connection, and who wants to know. */
import type { Logger } from '@sigec/runtime';
import type { BusStatus } from './bus.js';

export class StatusBoard {
  #status: BusStatus;
  readonly #listeners = new Set<(status: BusStatus) => void>();
  readonly #logger: Logger | undefined;

  constructor(status: BusStatus, logger?: Logger) {
    this.#status = status;
    this.#logger = logger;
  }

  get status(): BusStatus {
    return this.#status;
  }

  /** Tells each listener of a change; nothing happens without one, and nothing comes after 'closed'. */
  set(status: BusStatus): void {
    if (status === this.#status || this.#status === 'closed') return;
    this.#status = status;
    for (const listener of [...this.#listeners]) {
      try {
        listener(status);
      } catch (err) {
        this.#logger?.error({ err }, 'bus: a listener of the status failed');
      }
    }
  }

  listen(listener: (status: BusStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
