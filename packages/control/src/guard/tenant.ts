/** Whose request is being served: what the database shows meanwhile (store's tenant wall). */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Served } from '@sigec/store';

const serving = new AsyncLocalStorage<Served>();

/** Everything that `work` brings about, now or later, is for them. */
export function serve<T>(whom: Served, work: () => T): T {
  return serving.run(whom, work);
}

/** Undefined outside of a request, and in one of somebody who is not known (yet). */
export function served(): Served | undefined {
  return serving.getStore();
}
