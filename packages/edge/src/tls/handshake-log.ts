/** Handshakes that failed: each is counted, and some of them are logged, so that nobody fills the log from outside. */
import type { CounterSeries, Labelled, Logger, Metrics } from '@sigec/runtime';

const PER_SECOND = 5;

export class HandshakeLog {
  readonly #count: Labelled<CounterSeries, 'listener' | 'reason'>;
  #since = Number.NEGATIVE_INFINITY;
  #logged = 0;

  constructor(
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.#count = metrics.counter({
      name: 'sigec_edge_tls_failures_total',
      help: 'Handshakes of TLS that failed, by listener and reason',
      labels: ['listener', 'reason'],
      maxSeries: 60,
    });
  }

  failed(listener: string, reason: string, address: string): void {
    this.#count.with({ listener, reason }).inc();
    const now = performance.now();
    if (now - this.#since >= 1_000) {
      this.#since = now;
      this.#logged = 0;
    }
    if (++this.#logged <= PER_SECOND) this.logger.warn({ listener, reason, address }, 'TLS handshake failed');
  }
}
