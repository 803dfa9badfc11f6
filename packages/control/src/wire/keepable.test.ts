import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, startHarness } from '../testing/harness.js';
import { unkeepable } from './keepable.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

const NUL = '\u0000';
const HALF = '\ud83d';

describe('text that no database keeps', () => {
  it('is found wherever it stands', () => {
    const when = new Date();
    expect(unkeepable({ a: ['é\n', '🚗'], b: { c: null, d: 1, when, e: undefined } })).toBeUndefined();
    expect(unkeepable({ a: ['', { b: `x${NUL}` }] })?.field).toBe('a.1.b');
    expect(unkeepable({ a: { [NUL]: 1 } })?.field).toBe('a');
    expect(unkeepable(HALF)?.field).toBe('');
  });

  it('is not looked for deeper than messages are', () => {
    const nested = (depth: number): unknown => JSON.parse(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(unkeepable(nested(50))).toBeUndefined();
    expect(unkeepable(nested(500_000))).toEqual({ field: 'a', message: 'must not be nested 100 deep' });
  });

  it.each<[string, string, unknown, string]>([
    ['POST', '/sites', { name: `a${NUL}` }, 'name'],
    ['POST', '/sites', { name: HALF }, 'name'],
    ['POST', '/devices', { identity: 'N', location: { site: NUL } }, 'location.site'],
    [
      'POST',
      '/tariffs',
      { name: 'T', currency: 'BRL', per_kwh_minor: 1, taxes: [{ name: NUL, basis_points: 1 }] },
      'taxes.0.name',
    ],
    ['POST', '/id-tokens', { value: 'A', limits: { sites: [HALF] } }, 'limits.sites.0'],
    ['POST', '/auth/login', { email: 'a@example.test', password: NUL }, 'password'],
  ])('%s %s is told so, by its field', async (method, path, body, field) => {
    const answer = await h.call(method, `/api/v1${path}`, { as: 'operator', body });
    expect(answer).toMatchObject({ status: 422, json: { code: 'validation', errors: [{ field }] } });
  });

  it.each(['/devices?site=%00', '/devices?vendor=a%00', '/sites?q=%00', '/id-tokens?group_id=%00', '/connect/%00'])(
    '%s too',
    async (path) => {
      const answer = await h.call('GET', `/api/v1${path}`, { as: 'operator' });
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid-parameter' } });
    },
  );

  it('goes to no charger, nor comes out of a file', async () => {
    const id = await h.station('NUL-1');
    const edge = h.edge('NUL-1', () => undefined);
    const body = { vendorId: 'v', data: NUL };
    const sent = await h.call('POST', `/api/v1/devices/${id}/commands/DataTransfer`, { as: 'operator', body });
    expect(sent).toMatchObject({ status: 422, json: { errors: [{ field: 'data' }] } });
    expect(edge.sent).toEqual([]);
    edge.stop();
    const headers = { 'content-type': 'text/csv' };
    const file = { as: 'operator' as const, headers, body: `identity,name\nNUL-2,a${NUL}\n` };
    const taken = await h.call('POST', '/api/v1/devices/import', file);
    expect(taken).toMatchObject({ status: 422, json: { bad_lines: [{ line: 2, field: 'name' }] } });
  });
});
