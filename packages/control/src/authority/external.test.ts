import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMetrics } from '@sigec/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControl } from '../app.js';
import { asked } from '../testing/certificate-request.js';
import { type Harness, startHarness } from '../testing/harness.js';
import { Authorities } from './authorities.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

const never = new AbortController().signal;

describe('an authority elsewhere', () => {
  it('is asked over HTTP, and believed as far as its answer is for this key and this station', async () => {
    const { csr } = await asked('EXT');
    const inner = new Authorities(h.db, 's'.repeat(40));
    const wanted = { csr, identity: 'EXT', certificateType: 'V2GCertificate' };
    type Ask = { identity: string; csr: string; certificate_type: string; validity_days: number };
    const seen: { ask: Ask; authorization: string | undefined }[] = [];
    let respond: (ask: Ask) => Promise<[number, string]> = async () => [500, ''];
    const server = createServer(async (req, res) => {
      let text = '';
      for await (const part of req) text += String(part);
      const ask = JSON.parse(text) as Ask;
      seen.push({ ask, authorization: req.headers.authorization });
      const [status, body] = await respond(ask);
      res.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sign`;
    const external = { url, token: 'secret-token', timeoutMs: 20_000 };
    const authority = await new Authorities(h.db, 'x', { external, days: 30 }).issuer();
    const sign = async (ask: Ask, identity = ask.identity, text = ask.csr) => {
      const issued = await (await inner.issuer()).issue({ csr: text, identity, certificateType: null }, never);
      return JSON.stringify({ certificate_chain: issued.chainPem });
    };
    respond = async (ask) => [200, await sign(ask)];
    const issued = await authority.issue(wanted, never);
    expect(issued).toMatchObject({ source: 'external', certificateType: 'V2GCertificate' });
    expect(seen[0]).toEqual({
      ask: { csr, identity: 'EXT', certificate_type: 'V2GCertificate', validity_days: 30 },
      authorization: 'Bearer secret-token',
    });
    const { csr: otherCsr } = await asked('EXT');
    const table: [typeof respond, string][] = [
      [async (ask) => [200, await sign(ask, 'OTHER')], 'another name'],
      [async (ask) => [200, await sign(ask, 'EXT', otherCsr)], 'another key'],
      [async () => [422, ''], 'refused (422)'],
      [async () => [503, ''], 'answered 503'],
      [async () => [302, ''], 'cannot be asked'],
      [async () => [200, 'no json'], 'in JSON'],
      [async () => [200, '{}'], 'certificate_chain'],
      [async () => [200, '{"certificate_chain":"x"}'], 'PEM'],
      [async () => [200, 'x'.repeat(70_000)], 'cannot be asked'],
    ];
    for (const [answer, words] of table) {
      respond = answer;
      const error = await authority.issue(wanted, never).catch((e: unknown) => e as Error);
      expect((error as Error).message).toContain(words);
      expect((error as Error).message).not.toContain(url);
    }
    respond = () => new Promise(() => undefined);
    const hasty = await new Authorities(h.db, 'x', { external: { url, timeoutMs: 50 } }).issuer();
    await expect(hasty.issue(wanted, never)).rejects.toThrow('cannot be asked (TimeoutError)');
    server.closeAllConnections();
    server.close();
    const elsewhere = createControl({
      ...h.deps,
      metrics: createMetrics('elsewhere'),
      config: { ...h.deps.config, certificates: { external } },
    });
    expect((await elsewhere.app.request('/api/v1/certificates/crl')).status).toBe(404);
  });
});
