/** The listeners below TLS as chargers see them: who gets in, and what happens when their files change. */

import { get } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { createMemoryBus, type MemoryBusHub } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { passwordProof } from '@sigec/contract';
import { createMetrics, type Metrics } from '@sigec/runtime';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Edge, startEdge } from '../edge.js';
import { Authority, folder, type Identity } from '../testing/certificates.js';
import { Charger } from '../testing/charger.js';
import { memoryLogger, SETTINGS, until } from '../testing/fixtures.js';
import { command } from '../testing/sessions.js';
import { basic, dialTls, handshake, resumes } from '../testing/tls.js';
import { FakeWorker } from '../testing/worker.js';

const SERVER_NAMES = [{ type: 'ip', value: '127.0.0.1' }] as const;
const OLD = { ciphers: 'DEFAULT:@SECLEVEL=0' };

let files: ReturnType<typeof folder>;
let authority: Authority;
let other: Authority;
let server: Identity;
let cp1: Identity;
let hub: MemoryBusHub;
let worker: FakeWorker;
let edge: Edge;
let metrics: Metrics;
let lines: string[];
const opened: Edge[] = [];

beforeAll(async () => {
  authority = await Authority.make('Test Authority');
  other = await Authority.make('Another Authority');
  server = await authority.issue('first', { names: SERVER_NAMES, rsa: true });
  cp1 = await authority.issue('CP1');
});

async function start(): Promise<Edge> {
  const memory = memoryLogger();
  lines = memory.lines;
  metrics = createMetrics('edge');
  const tls = {
    port: 0,
    mtlsPort: 0,
    legacyPort: 0,
    cert: files.path('cert.pem'),
    key: files.path('key.pem'),
    clientCa: files.path('ca.pem'),
    clientCrl: files.path('crl.pem'),
    watchMs: 20,
  };
  const bus = hub.connect('edge');
  const settings = { ...SETTINGS, tls };
  const made = await startEdge({ bus, cache: createMemoryCache(), settings, logger: memory.logger, metrics });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  files = folder();
  files.write('cert.pem', server.cert);
  files.write('key.pem', server.key);
  files.write('ca.pem', authority.pem);
  files.write('crl.pem', await authority.revoke([]));
  hub = createMemoryBus();
  worker = new FakeWorker(hub.connect('worker'));
  edge = await start();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  files.remove();
});

const ports = () => edge.securePorts as { tls: number; mtls: number; legacy: number };
const trust = (more: ConnectionOptions = {}): ConnectionOptions => ({ ca: authority.pem, ...more });
const as = (who: Identity, more: ConnectionOptions = {}) => trust({ cert: who.cert, key: who.key, ...more });

async function admitted(result: Promise<Charger | number | string>): Promise<Charger> {
  const made = await result;
  if (!(made instanceof Charger)) throw new Error(`refused: ${made}`);
  return made;
}

describe('profile 2', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('takes %s, and says to the worker what it is', async (version) => {
    const tls = trust({ minVersion: version, maxVersion: version });
    const charger = await admitted(dialTls(ports().tls, 'CP1', { ...tls, headers: basic('CP1', 'secret') }));
    expect(await charger.call('m1', 'Heartbeat')).toEqual([3, 'm1', {}]);
    expect(worker.connects).toMatchObject([{ identity: 'CP1', profile: 2, certificate: '', address: '127.0.0.1' }]);
    expect(worker.connects[0]?.proof).toEqual(passwordProof('pepper', Buffer.from('secret')));
  });

  it('refuses older versions, and suites that OCPP does not name', async () => {
    const { tls } = ports();
    const old = { ...OLD, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    expect(await handshake(tls, trust(old))).toMatch(/PROTOCOL_VERSION/);
    const suite = (ciphers: string) => handshake(tls, trust({ maxVersion: 'TLSv1.2', ciphers }));
    for (const unlisted of ['ECDHE-RSA-CHACHA20-POLY1305', 'ECDHE-RSA-AES128-SHA', 'AES128-SHA', 'AES256-SHA256'])
      expect(await suite(unlisted)).toMatch(/HANDSHAKE_FAILURE/);
    for (const listed of ['ECDHE-RSA-AES128-GCM-SHA256', 'AES128-GCM-SHA256', 'AES256-GCM-SHA384'])
      expect(await suite(listed)).toBe(`TLSv1.2 ${listed} first`);
  });

  it('speaks every suite of TLS 1.2 that OCPP names, by the key of its certificate, at profile 3 alike', async () => {
    const suites = { rsa: ['AES128-GCM-SHA256', 'AES256-GCM-SHA384'], ec: [] as string[] };
    suites.ec = suites.rsa.map((suite) => `ECDHE-ECDSA-${suite}`);
    const speak = async (known: readonly string[], name: string) => {
      const { tls, mtls } = ports();
      for (const ciphers of known)
        for (const [port, options] of [
          [tls, trust({ maxVersion: 'TLSv1.2', ciphers })],
          [mtls, as(cp1, { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:ECDHE-RSA-AES128-SHA` })],
        ] as const)
          expect(await handshake(port, options)).toBe(`TLSv1.2 ${ciphers} ${name}`);
      const old = as(cp1, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:AES128-SHA' });
      expect(await handshake(mtls, old)).toMatch(/HANDSHAKE_FAILURE/);
    };
    await speak(suites.rsa, 'first');
    const elliptic = await authority.issue('elliptic', { names: SERVER_NAMES });
    files.write('cert.pem', elliptic.cert);
    files.write('key.pem', elliptic.key);
    edge = await start();
    await speak(suites.ec, 'elliptic');
  });

  it('refuses a wrong password', async () => {
    const proof = passwordProof('pepper', Buffer.from('secret'));
    worker.onConnect = (item) =>
      item.proof !== null && Buffer.from(item.proof).equals(proof) ? {} : { status: 'unauthorized', reason: 'wrong' };
    const dial = (password: string) => dialTls(ports().tls, 'CP1', { ...trust(), headers: basic('CP1', password) });
    expect(await dial('guess')).toBe(401);
    await admitted(dial('secret'));
  });

  it('keeps the sockets of many chargers that come at once', async () => {
    const many = await Promise.all(
      Array.from({ length: 150 }, (_, n) => admitted(dialTls(ports().tls, `CP${n}`, trust()))),
    );
    const answers = await Promise.all(many.map((one, n) => one.call(`h${n}`, 'Heartbeat')));
    expect(answers.every(([type]) => type === 3)).toBe(true);
    expect(many.filter(({ closed }) => closed !== undefined)).toEqual([]);
  });
});

describe('profile 3', () => {
  it('takes a station by the common name of its certificate: a call up, a command down', async () => {
    const charger = await admitted(dialTls(ports().mtls, 'CP1', as(cp1)));
    expect(await charger.call('m1', 'Heartbeat')).toEqual([3, 'm1', {}]);
    const [connect] = worker.connects;
    expect(connect).toMatchObject({ profile: 3, proof: null, version: 'ocpp2.0.1' });
    expect(connect?.certificate).toMatch(/^[0-9a-f]{64}$/);
    const control = hub.connect('control');
    const { id, reply } = command(control, 'Reset', { type: 'Immediate' });
    expect(await charger.frame(([type]) => type === 2)).toEqual([2, id, 'Reset', { type: 'Immediate' }]);
    charger.send(3, id, { status: 'Accepted' });
    expect(await reply).toMatchObject({ status: 'result', payload: '{"status":"Accepted"}' });
    charger.ws.close(1000);
    await until(() => worker.disconnects.length > 0, 'the session ends');
    expect(worker.disconnects).toMatchObject([{ stationId: 1, code: 1000 }]);
    await control.close();
  });

  it('takes a station by an alternative name, and only one that is the identity letter for letter', async () => {
    const names = [
      { type: 'dns', value: 'CP7' },
      { type: 'url', value: 'urn:charger:7' },
    ] as const;
    const many = as(await authority.issue('serial 7', { names }));
    await admitted(dialTls(ports().mtls, 'CP7', many));
    await admitted(dialTls(ports().mtls, 'urn%3Acharger%3A7', many));
    for (const not of ['cp7', 'CP', 'CP77', 'CP1', 'charger']) expect(await dialTls(ports().mtls, not, many)).toBe(403);
    expect(lines.join()).toContain('the certificate is of another name');
    expect(worker.connects.map(({ identity }) => identity)).toEqual(['CP7', 'urn:charger:7']);
  });

  it('does not find an identity inside of another name', async () => {
    const names = [{ type: 'url', value: 'x:a, DNS:CP1' }] as const;
    expect(await dialTls(ports().mtls, 'CP1', as(await authority.issue('serial 8', { names })))).toBe(403);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('refuses an unknown authority, and none at all, by %s', async (version) => {
    const strange = await other.issue('CP1');
    const tls = { minVersion: version, maxVersion: version };
    expect(typeof (await dialTls(ports().mtls, 'CP1', as(strange, tls)))).toBe('string');
    expect(typeof (await dialTls(ports().mtls, 'CP1', trust(tls)))).toBe('string');
    const lapsed = await authority.issue('CP1', { days: -1 });
    expect(typeof (await dialTls(ports().mtls, 'CP1', as(lapsed, tls)))).toBe('string');
    await until(() => lines.join().includes('CERT_HAS_EXPIRED'), 'it is logged');
    expect(worker.connects).toEqual([]);
    expect(await metrics.render()).toMatch(/sigec_edge_tls_failures_total\{listener="mtls",reason="CERT_HAS_EXPIRED"/);
  });

  it('answers what is no upgrade, completes what has no version in common, and closes what is too large', async () => {
    const status = await new Promise((resolve) => {
      get({ port: ports().mtls, host: '127.0.0.1', ...as(cp1) }, (response) => resolve(response.resume().statusCode));
    });
    expect(status).toBe(426);
    const strange = dialTls(ports().mtls, 'CP1', { ...as(cp1), protocols: ['mqtt'] });
    expect(await strange).toMatch(/no subprotocol/);
    await admitted(dialTls(ports().mtls, 'CP1', { ...as(cp1), protocols: [] }));
    worker.onConnect = () => ({ status: 'unauthorized', reason: 'profile 3 is not for it' });
    expect(await dialTls(ports().mtls, 'CP1', as(cp1))).toBe(401);
    worker.onConnect = () => ({});
    const charger = await admitted(dialTls(ports().mtls, 'CP1', as(cp1)));
    charger.ws.send(`[2,"x","DataTransfer",{"data":"${'x'.repeat(300_000)}"}]`);
    expect((await charger.end())[0]).toBe(1009);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('looks at the certificate each time, by %s too', async (maxVersion) => {
    expect(await resumes(ports().mtls, as(cp1, { maxVersion }))).toBe(false);
    // A helper that could never see it would prove nothing.
    if (maxVersion === 'TLSv1.2') expect(await resumes(ports().legacy, trust({ maxVersion }))).toBe(true);
  });

  it('refuses every certificate where the list has run out, or where that of its authority is missing', async () => {
    const { mtls } = ports();
    await admitted(dialTls(mtls, 'CP1', as(cp1)));
    for (const [list, reason] of [
      [await authority.revoke([], -0.5), 'CRL_HAS_EXPIRED'],
      [await other.revoke([]), 'UNABLE_TO_GET_CRL'],
    ] as const) {
      lines.length = 0;
      files.write('crl.pem', list);
      await until(() => lines.join().includes('new connections go by them'), 'the list is taken over');
      expect(typeof (await dialTls(mtls, 'CP1', as(cp1)))).toBe('string');
      await until(() => lines.join().includes(reason), reason);
    }
  });

  it('refuses a revoked certificate once the list says so, and leaves the open socket be', async () => {
    const held = await admitted(dialTls(ports().mtls, 'CP1', as(cp1)));
    files.write('crl.pem', await authority.revoke([cp1.serial]));
    await until(() => lines.join().includes('new connections go by them'), 'the list is taken over');
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      expect(typeof (await dialTls(ports().mtls, 'CP1', as(cp1, { maxVersion })))).toBe('string');
    await until(() => lines.join().includes('CERT_REVOKED'), 'it is logged');
    expect(await held.call('m1', 'Heartbeat')).toEqual([3, 'm1', {}]);
    await admitted(dialTls(ports().mtls, 'CP2', as(await authority.issue('CP2'))));
  });
});

describe('a new authority of chargers', () => {
  it('is trusted once it is in the file with its list, and not any more once it is out', async () => {
    const { mtls } = ports();
    const strange = as(await other.issue('CP5'));
    expect(typeof (await dialTls(mtls, 'CP5', strange))).toBe('string');
    const told = async (ca: string, crl: string) => {
      lines.length = 0;
      files.write('ca.pem', ca);
      files.write('crl.pem', crl);
      await until(() => lines.join().includes('new connections go by them'), 'they are taken over');
    };
    // As they come out of a script: without a line's end between two.
    const both = (await authority.revoke([])).trim() + (await other.revoke([])).trim();
    await told(authority.pem.trim() + other.pem.trim(), both);
    const held = await admitted(dialTls(mtls, 'CP5', strange));
    await admitted(dialTls(mtls, 'CP1', as(cp1)));
    await told(authority.pem, await authority.revoke([]));
    expect(typeof (await dialTls(mtls, 'CP5', strange))).toBe('string');
    expect(await held.call('m1', 'Heartbeat')).toEqual([3, 'm1', {}]);
  });
});

describe('the legacy listener', () => {
  it.each(['TLSv1', 'TLSv1.1'] as const)('takes %s with a password, as profile 2', async (version) => {
    const tls = { ...trust(OLD), minVersion: version, maxVersion: version };
    const charger = await admitted(dialTls(ports().legacy, 'CP1', { ...tls, headers: basic('CP1', 'secret') }));
    expect(await charger.call('m1', 'Heartbeat')).toEqual([3, 'm1', {}]);
    expect(worker.connects).toMatchObject([{ profile: 2, certificate: '' }]);
    for (const port of [ports().tls, ports().mtls]) expect(await handshake(port, tls)).toMatch(/PROTOCOL/);
    expect(lines.join()).toContain('SIGEC_OCPP_LEGACY_TLS_PORT');
  });
});

describe('new files', () => {
  it('serve new connections, while the open ones stay', async () => {
    const { tls, mtls, legacy } = ports();
    const before = await Promise.all([
      admitted(dialTls(tls, 'A', trust())),
      admitted(dialTls(mtls, 'CP1', as(cp1))),
      admitted(dialTls(legacy, 'C', trust())),
    ]);
    const next = await authority.issue('second', { names: SERVER_NAMES });
    files.write('key.pem', next.key);
    files.write('cert.pem', next.cert);
    await until(() => lines.join().includes('new connections go by them'), 'they are taken over');
    for (const port of [tls, legacy]) expect(await handshake(port, trust())).toContain(' second');
    expect(await handshake(mtls, as(cp1))).toContain(' second');
    const after = await admitted(dialTls(tls, 'D', trust()));
    for (const [n, one] of [...before, after].entries()) expect(await one.call(`m${n}`, 'Heartbeat')).toHaveLength(3);
    expect(before.filter(({ closed }) => closed !== undefined)).toEqual([]);
    // A drain reaches the sockets of both certificates.
    await edge.close();
    expect(await Promise.all([...before, after].map(async (one) => (await one.end())[0]))).toEqual(Array(4).fill(1012));
  });

  it('that cannot be used leave all as it was, are named, and are tried again when they change', async () => {
    const next = await authority.issue('second', { names: SERVER_NAMES });
    files.write('cert.pem', next.cert);
    await until(() => lines.join().includes('SIGEC_OCPP_TLS_KEY'), 'the error names the file');
    expect(lines.join()).toContain('is not the key of the certificate');
    expect(await handshake(ports().tls, trust())).toContain(' first');
    files.write('key.pem', 'nothing');
    await until(() => lines.join().includes('is no private key'), 'the next error, too');
    files.write('key.pem', next.key);
    await until(() => lines.join().includes('new connections go by them'), 'they are taken over');
    expect(await handshake(ports().tls, trust())).toContain(' second');
    expect(await metrics.render()).toMatch(/tls_reload_failures_total\{role="edge"\} 2/);
  });
});
