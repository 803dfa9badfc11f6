/** The services of a request see the tenant of whoever asks, whatever a query forgets. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, startHarness } from '../testing/harness.js';
import { serve, served, stillServed } from './tenant.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
  await h.station('WALL-1');
});
afterAll(() => h.close());

const forTenant = <T>(tenantId: number, work: () => T) => serve({ tenantId, userId: h.userIds.operator }, work);
const forgotten = () => h.services.db.query<{ identity: string }>('select identity from station');

it('what is done for a tenant sees that tenant, at once and later', async () => {
  expect(served()).toBeUndefined();
  expect(await forgotten()).toEqual([{ identity: 'WALL-1' }]);
  expect(await forTenant(1, forgotten)).toEqual([{ identity: 'WALL-1' }]);
  expect(await forTenant(2, forgotten)).toEqual([]);
  const later = forTenant(2, async () => {
    await sleep(5);
    return forgotten();
  });
  const [first, second] = await Promise.all([later, forTenant(1, forgotten)]);
  expect([first, second]).toEqual([[], [{ identity: 'WALL-1' }]]);
});

it('what is called afterwards, and was made for somebody, is for them still', async () => {
  const [theirs, nobodys] = [forTenant(2, () => stillServed(forgotten)), stillServed(forgotten)];
  expect([await theirs(), await nobodys()]).toEqual([[], [{ identity: 'WALL-1' }]]);
  // The body of an answer is read when its request is over.
  const body = forTenant(
    1,
    () =>
      new ReadableStream<number | undefined>({
        pull: stillServed((controller) => {
          controller.enqueue(served()?.tenantId);
          controller.close();
        }),
      }),
  );
  expect((await body.getReader().read()).value).toBe(1);
});

it('requests of two tenants at once get each their own', async () => {
  await h.call('POST', '/api/v1/devices', { as: 'stranger', body: { identity: 'WALL-2' } });
  const list = (as: 'operator' | 'stranger') => h.call('GET', '/api/v1/devices', { as });
  const answers = await Promise.all(
    ['operator', 'stranger', 'operator', 'stranger'].map((as) => list(as as 'operator')),
  );
  const seen = answers.map(({ json }) => (json.items as { identity: string }[]).map(({ identity }) => identity));
  expect(seen).toEqual([['WALL-1'], ['WALL-2'], ['WALL-1'], ['WALL-2']]);
});
