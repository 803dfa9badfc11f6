/** Whose request is being served: what the database shows meanwhile (store's tenant wall). */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Served } from '@sigec/store';

const serving = new AsyncLocalStorage<Served>();

/** Everything that `work` brings about, now or later, is for them. */
export function serve<T>(whom: Served, work: () => T): T {
  return serving.run(whom, work);
}

/** The same work, for whoever is served now, whenever it is called: a body that is read on its way out is no part of a request. */
export function stillServed<A extends readonly unknown[], T>(work: (...given: A) => T): (...given: A) => T {
  const whom = serving.getStore();
  return whom === undefined ? work : (...given) => serving.run(whom, () => work(...given));
}

/** Undefined outside of a request, and in one of somebody who is not known (yet). */
export function served(): Served | undefined {
  return serving.getStore();
}
