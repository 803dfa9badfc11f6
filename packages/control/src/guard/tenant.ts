/** Whose request is being served: what the database shows meanwhile (store's tenant wall). */
import { AsyncLocalStorage } from 'node:async_hooks';

const serving = new AsyncLocalStorage<number>();

/** Everything that `work` brings about, now or later, is for this tenant. */
export function forTenant<T>(tenantId: number, work: () => T): T {
  return serving.run(tenantId, work);
}

/** Undefined outside of a request, and in one of somebody who is not known (yet). */
export function servedTenant(): number | undefined {
  return serving.getStore();
}
