/** The cache behind a circuit breaker: where it is silent, not every request waits for its silence. */
import { type Cache, CacheUnavailableError } from '@sigec/cache';
import { type Circuit, CircuitOpenError, type Circuits } from '@sigec/runtime';

/** A look now and then costs one request what the others are spared. */
const OPEN_MS = 1000;

/** Rejects as the cache itself does while it is away. `close` and `ready` are the cache's own. */
export function behindCircuit(cache: Cache, circuits: Circuits): Cache {
  const circuit: Circuit = circuits.of('cache', {
    openMs: OPEN_MS,
    counts: (error) => error instanceof CacheUnavailableError,
  });
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await circuit.run(work);
    } catch (error) {
      if (error instanceof CircuitOpenError) throw new CacheUnavailableError('its circuit is open');
      throw error;
    }
  };
  return {
    get ready() {
      return cache.ready;
    },
    get: (...given) => run(() => cache.get(...given)),
    set: (...given) => run(() => cache.set(...given)),
    setIfAbsent: (...given) => run(() => cache.setIfAbsent(...given)),
    compareAndSet: (...given) => run(() => cache.compareAndSet(...given)),
    delete: (...given) => run(() => cache.delete(...given)),
    increment: (...given) => run(() => cache.increment(...given)),
    take: (...given) => run(() => cache.take(...given)),
    renewLease: (...given) => run(() => cache.renewLease(...given)),
    releaseLease: (...given) => run(() => cache.releaseLease(...given)),
    leases: (...given) => run(() => cache.leases(...given)),
    close: () => cache.close(),
  };
}
