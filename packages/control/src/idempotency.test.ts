/** Requests that are sent again with their key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, type Json, result, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 50, commandTimeoutMs: 400 });
});
afterAll(() => h.close());

const post = (path: string, key: string, body: unknown, as: 'operator' | 'admin' = 'operator') =>
  h.call('POST', path, { as, body, headers: { 'idempotency-key': key } });
const register = (key: string, body: Json, as?: 'admin') => post('/api/v1/devices', key, body, as);

describe('a POST with a key', () => {
  it('is done once; its answer comes again, password and all, and is not readable where it is kept', async () => {
    const first = await register('reg-1', { identity: 'IDEM-1' });
    const again = await register('reg-1', { identity: 'IDEM-1' });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.json).toEqual(first.json);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    const { password } = first.json.credentials as { password: string };
    const [kept] = await h.db.query<{ answer: Uint8Array }>(`select answer from idempotency_key where key = 'reg-1'`);
    expect(Buffer.from(kept?.answer ?? []).includes(password)).toBe(false);
    expect(h.log()).not.toContain(password);
  });

  it('is refused with another body, and is anybody else’s own', async () => {
    await register('reg-2', { identity: 'IDEM-2' });
    const other = await register('reg-2', { identity: 'IDEM-3' });
    expect([other.status, other.json.code]).toEqual([422, 'idempotency-key-reused']);
    expect((await register('reg-2', { identity: 'IDEM-3' }, 'admin')).status).toBe(201);
  });

  it('of many at once one is done', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => register('reg-4', { identity: 'IDEM-4' })));
    const made = all.filter(({ status }) => status === 201);
    const waits = all.filter(({ json }) => json.code === 'idempotency-in-progress');
    expect(made.length + waits.length).toBe(6);
    expect(new Set(made.map(({ json }) => json.id)).size).toBe(1);
    const later = await register('reg-4', { identity: 'IDEM-4' });
    expect(later.json.id).toBe(made[0]?.json.id);
  });

  it('a command reaches its charger once; a refusal that may pass leaves the key free', async () => {
    const id = await h.station('IDEM-C');
    const path = `/api/v1/devices/${id}/commands/ClearCache`;
    const away = await post(path, 'cmd-1', {});
    expect([away.status, away.json.code, away.json.temporary]).toEqual([409, 'charger-offline', true]);
    const edge = h.edge('IDEM-C', () => result({ status: 'Accepted' }));
    const first = await post(path, 'cmd-1', {});
    const again = await post(path, 'cmd-1', {});
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.json).toEqual(first.json);
    expect(edge.sent.length).toBe(1);
    edge.stop();
  });

  it('whose end nobody knows is not sent to the charger again', async () => {
    const id = await h.station('IDEM-T');
    const edge = h.edge('IDEM-T', () => undefined);
    const path = `/api/v1/devices/${id}/commands/ClearCache`;
    const first = await post(path, 'cmd-2', {});
    const again = await post(path, 'cmd-2', {});
    expect([first.status, again.status]).toEqual([504, 504]);
    expect(edge.sent.length).toBe(1);
    edge.stop();
    await h.db.query(
      `update idempotency_key set status = null, answer = null, created_at = now() - interval '1 hour' where key = 'cmd-2'`,
    );
    const lost = await post(path, 'cmd-2', {});
    expect([lost.status, lost.json.code]).toEqual([409, 'idempotency-outcome-unknown']);
  });

  it('what is amiss with its fields does not use the key up; the key itself is checked', async () => {
    const wrong = await register('reg-5', { identity: '' });
    expect(wrong.status).toBe(422);
    expect((await register('reg-5', { identity: 'IDEM-5' })).status).toBe(201);
    for (const key of ['', 'with space', 'x'.repeat(256)]) {
      const refused = await register(key, { identity: 'IDEM-6' });
      expect([refused.status, (refused.json.errors as { field: string }[])[0]?.field]).toEqual([
        400,
        'Idempotency-Key',
      ]);
    }
  });

  it('is in the document for all that act', async () => {
    const { paths } = (await h.call('GET', '/openapi.json')).json as {
      paths: Record<string, { post?: { security?: object[]; parameters?: { name: string }[] } }>;
    };
    // Whoever may come without a token has no keys.
    const known = (security: object[] | undefined) => security?.every((one) => Object.keys(one).length > 0) === true;
    const acting = Object.values(paths).flatMap(({ post: one }) => (one && known(one.security) ? [one] : []));
    expect(acting.length).toBeGreaterThan(50);
    for (const { parameters = [] } of acting) expect(parameters.map(({ name }) => name)).toContain('Idempotency-Key');
  });
});
