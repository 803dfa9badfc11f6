/** Live updates under a small load: nobody misses anything, nobody is told twice, and every request to a webhook is signed. */
import { createHmac } from 'node:crypto';
import { describeReal } from '@sigec/testkit';
import { describe, expect, it } from 'vitest';
import { isSigned, startHooks } from './hooks.js';
import { runLive } from './live.js';

describe('an endpoint', () => {
  const body = Buffer.from('{"events":[{"sequence":7,"event":{"data":{"device_id":"41"}}}]}');
  const sign = (secret: string, t: number) =>
    `t=${t},v1=${createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex')}`;
  const now = () => Math.floor(Date.now() / 1000);

  it('knows its own signature, beside another, and no other, none, and none that is old', () => {
    const good = sign('mine', now());
    expect(isSigned('mine', good, body)).toBe(true);
    expect(isSigned('mine', `${sign('old', now())},${good.split(',')[1]}`, body)).toBe(true);
    for (const bad of [
      undefined,
      '',
      'v1=',
      sign('theirs', now()),
      sign('mine', now() - 600),
      good.replace('v1', 'v0'),
    ])
      expect(isSigned('mine', bad, body), bad).toBe(false);
    expect(isSigned('mine', good, Buffer.concat([body, Buffer.from(' ')]))).toBe(false);
  });

  it('notes what came signed, and waits with what came before its secret', async () => {
    const hooks = await startHooks();
    const { url, keep } = hooks.add(undefined);
    const send = (signature: string) => fetch(url, { method: 'POST', headers: { 'sigec-signature': signature }, body });
    await send(sign('mine', now()));
    await send(sign('theirs', now()));
    expect(hooks.all).toMatchObject([{ requests: 2, unsigned: 0, again: 0 }]);
    keep('mine');
    await send(sign('mine', now()));
    await expect.poll(() => hooks.all[0]).toMatchObject({ requests: 3, unsigned: 1, again: 1 });
    expect([...(hooks.all[0]?.heard ?? [])]).toEqual([[7, '41']]);
    hooks.close();
  });
});

describeReal('live', ['nats', 'redis', 'postgres'], () => {
  it('tells 20 listeners and 10 webhooks all that 50 stations do, once, and signed', async () => {
    const small = { stations: 50, listeners: 20, webhooks: 10, durationMs: 5_000, quietMs: 1_000 };
    const { load, ...result } = await runLive(small);
    expect(load.faults.examples).toEqual([]);
    expect(result).toMatchObject({
      ...{ passed: true, listeners: 20, webhooks: 10, unsigned: 0 },
      missed: { listeners: 0, webhooks: 0 },
      twice: { listeners: 0, webhooks: 0 },
      ends: {},
    });
    // Every station has come online and said of its connectors how they are.
    expect(result.events).toBeGreaterThan(100);
    expect(result.requests).toBeGreaterThan(10);
  });
});
