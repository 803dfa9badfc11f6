/** Credentials and TLS of NATS, and the permissions of the file that operators are given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  downSubject,
  EVERY_EVENT,
  edgeSubject,
  eventSubject,
  UP_WILDCARD,
  upSubject,
  WORKER_QUEUE,
} from '@sigec/contract';
import { createLogger } from '@sigec/runtime';
import { type Certificates, describeReal, makeCertificates, type RealServer, startNats, tempDir } from '@sigec/testkit';
import { connect, Events, type NatsConnection, nkeys } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './bus.contract.js';
import type { Bus } from './bus.js';
import { connectNats } from './nats-connect.js';
import type { NatsOptions } from './nats-options.js';

const CONFIG = fileURLToPath(new URL('../../../docs/security/nats-server.conf', import.meta.url));
const ROLES = ['edge', 'worker', 'control'] as const;
type Name = (typeof ROLES)[number];
const PASSWORDS: Readonly<Record<Name, string>> = { edge: 'p%e 1', worker: 'p@w/2', control: 'p:c#3' };

const logger = createLogger({ role: 'test', level: 'silent' });

/** The server reads a variable as a value of its configuration: a text has quotes. */
const quoted = (role: Name): string => `"${PASSWORDS[role]}"`;

/** Whether a connection is refused; what it would take is then never made. */
async function refused(options: Partial<NatsOptions> & { readonly url: string }): Promise<boolean> {
  const abort = new AbortController();
  let failed = false;
  const heard = createLogger({
    role: 'test',
    destination: {
      write: (line) => {
        if (!line.includes('no connection yet')) return;
        failed = true;
        abort.abort();
      },
    },
  });
  const made = await connectNats({ name: 'refused', logger: heard, ...options, signal: abort.signal }).catch(
    () => undefined,
  );
  await made?.close();
  return failed;
}

describeReal('permissions of NATS', ['nats'], () => {
  let server: RealServer;
  const url = (role: Name) => `nats://${role}:${encodeURIComponent(PASSWORDS[role])}@127.0.0.1:${server.port}`;
  const buses = new Map<Name, Bus>();
  beforeAll(async () => {
    server = await startNats({
      jetstream: true,
      configFile: CONFIG,
      env: {
        SIGEC_NATS_EDGE_PASSWORD: quoted('edge'),
        SIGEC_NATS_WORKER_PASSWORD: quoted('worker'),
        SIGEC_NATS_CONTROL_PASSWORD: quoted('control'),
      },
    });
    for (const role of ROLES) buses.set(role, await connectNats({ url: url(role), name: `sigec-${role}`, logger }));
  });
  afterAll(async () => {
    await Promise.all([...buses.values()].map((bus) => bus.close()));
    await server?.stop();
  });
  const bus = (role: Name) => buses.get(role) as Bus;
  const text = (data: Uint8Array) => new TextDecoder().decode(data);
  const bytes = (said: string) => new TextEncoder().encode(said);

  it('let each role do its work: up and back, down and back, events', async () => {
    const told: string[] = [];
    bus('worker').subscribe(UP_WILDCARD, ({ data }) => bus('worker').publish(edgeSubject('e1'), data), {
      queue: WORKER_QUEUE,
    });
    bus('edge').subscribe(edgeSubject('e1'), ({ data }) => told.push(text(data)));
    bus('edge').subscribe(downSubject('cp'), (message) => {
      if (text(message.data) === 'claim') told.push('claim');
      else message.respond(bytes('done'));
    });
    await Promise.all(ROLES.map((role) => bus(role).flush()));
    bus('edge').publish(upSubject(3), bytes('call'), { replyTo: edgeSubject('e1') });
    bus('edge').publish(downSubject('cp'), bytes('claim'));
    await until(() => told.length === 2, 'both');
    expect(told.sort()).toEqual(['call', 'claim']);
    expect(text(await bus('control').request(downSubject('cp'), bytes('command'), 5000))).toBe('done');
    await expect(bus('control').request(downSubject('nobody'), bytes('command'), 5000)).rejects.toThrow(
      /nobody|listens/i,
    );
    await bus('worker').events.append('1', eventSubject(1, 'station'), bytes('{}'));
    const followed: string[] = [];
    await bus('control').events.follow(EVERY_EVENT, ({ subject }) => followed.push(subject), { fromSequence: 0 });
    await until(() => followed.length === 1, 'the event');
    expect((await bus('control').events.read(EVERY_EVENT, 0, 10)).events).toHaveLength(1);
  });

  describe('refuse', () => {
    let connections: Map<Name, NatsConnection>;
    const violations = new Map<Name, string[]>();
    beforeAll(async () => {
      connections = new Map();
      for (const role of ROLES) {
        const pass = PASSWORDS[role];
        const made = await connect({ servers: `127.0.0.1:${server.port}`, user: role, pass, reconnect: false });
        connections.set(role, made);
        const heard: string[] = [];
        violations.set(role, heard);
        void (async () => {
          for await (const event of made.status())
            if (event.type === Events.Error && event.permissionContext)
              heard.push(`${event.permissionContext.operation} ${event.permissionContext.subject}`);
        })();
      }
    });
    afterAll(async () => {
      for (const connection of connections.values()) await connection.close();
    });

    /** What the server says of one publication or subscription. */
    async function asked(role: Name, operation: 'publish' | 'subscription', subject: string, queue?: string) {
      const connection = connections.get(role) as NatsConnection;
      const heard = violations.get(role) as string[];
      heard.length = 0;
      const options = { callback: () => undefined, ...(queue === undefined ? {} : { queue }) };
      const subscription = operation === 'publish' ? undefined : connection.subscribe(subject, options);
      if (operation === 'publish') connection.publish(subject, bytes('x'));
      // The server answers in order: what it had to say has come when this has.
      await connection.flush();
      await new Promise((resolve) => setImmediate(resolve));
      subscription?.unsubscribe();
      return heard.some((line) => line === `${operation} ${subject}`);
    }

    const API = '$JS.API';
    const PUBLISH: Readonly<Record<string, readonly Name[]>> = {
      [upSubject(0)]: ['edge'],
      [downSubject('cp')]: ['edge', 'control'],
      [edgeSubject('e1')]: ['worker'],
      [eventSubject(1, 'station')]: ['worker'],
      [`${API}.STREAM.INFO.EVENTS`]: ['worker', 'control'],
      [`${API}.STREAM.CREATE.EVENTS`]: ['worker', 'control'],
      [`${API}.STREAM.DELETE.EVENTS`]: [],
      [`${API}.STREAM.PURGE.EVENTS`]: [],
      [`${API}.STREAM.CREATE.TAP`]: [],
      [`${API}.CONSUMER.CREATE.EVENTS`]: ['control'],
      [`${API}.CONSUMER.DURABLE.CREATE.EVENTS.x`]: [],
      [`${API}.CONSUMER.MSG.NEXT.EVENTS.x`]: ['control'],
      [`${API}.CONSUMER.DELETE.EVENTS.x`]: ['control'],
      [`${API}.CONSUMER.CREATE.OTHER`]: [],
      '$JS.FC.EVENTS.x.y': ['control'],
      '_INBOX.sigec-control.x.1': [],
      '_INBOX.sigec-worker.x.1': [],
      '$SYS.REQ.SERVER.PING': [],
      anything: [],
    };
    const SUBSCRIBE: Readonly<Record<string, readonly Name[]>> = {
      [edgeSubject('e1')]: ['edge'],
      [downSubject('cp')]: ['edge'],
      // An edge may hear any charger, so the server cannot refuse it all of them: told in docs/bus-permissions.md.
      'ocpp.v1.down.>': ['edge'],
      [UP_WILDCARD]: [],
      [upSubject(0)]: [],
      'ocpp.>': [],
      '>': [],
      'events.>': [],
      '_INBOX.>': [],
      '_INBOX.sigec-edge.>': [],
      '_INBOX.sigec-worker.>': ['worker'],
      '_INBOX.sigec-control.>': ['control'],
      '$SYS.>': [],
      '$JS.>': [],
    };

    it.each(ROLES)('what %s has no business with', async (role) => {
      for (const [subject, allowed] of Object.entries(PUBLISH))
        expect(await asked(role, 'publish', subject), `publish ${subject}`).toBe(!allowed.includes(role));
      for (const [subject, allowed] of Object.entries(SUBSCRIBE))
        expect(await asked(role, 'subscription', subject), `subscribe ${subject}`).toBe(!allowed.includes(role));
    });

    it('a worker that would listen outside of the group', async () => {
      const connection = connections.get('worker') as NatsConnection;
      const heard = violations.get('worker') as string[];
      for (const [queue, good] of [
        [WORKER_QUEUE, true],
        ['tap', false],
      ] as const) {
        heard.length = 0;
        const subscription = connection.subscribe(UP_WILDCARD, { callback: () => undefined, queue });
        await connection.flush();
        await new Promise((resolve) => setImmediate(resolve));
        subscription.unsubscribe();
        expect(heard.length === 0, queue).toBe(good);
      }
    });
  });

  it('let nobody in without a password, or with the wrong one', async () => {
    expect(await refused({ url: `nats://127.0.0.1:${server.port}` })).toBe(true);
    expect(await refused({ url: `nats://edge:wrong@127.0.0.1:${server.port}` })).toBe(true);
    expect(await refused({ url: `nats://edge:${encodeURIComponent(PASSWORDS.worker)}@127.0.0.1:${server.port}` })).toBe(
      true,
    );
    expect(await refused({ url: url('edge') })).toBe(false);
  });
});

describeReal('TLS of NATS', ['nats'], () => {
  let server: RealServer;
  let plain: RealServer;
  let own: Certificates;
  let others: Certificates;
  beforeAll(async () => {
    [own, others] = [makeCertificates(), makeCertificates()];
    const tls = ['--tlsverify', '--tlscert', own.cert, '--tlskey', own.key, '--tlscacert', own.ca];
    [server, plain] = await Promise.all([startNats({ args: tls }), startNats()]);
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), plain?.stop()]);
    own?.remove();
    others?.remove();
  });
  const files = ({ ca, cert, key }: Certificates) => ({ caFile: ca, certFile: cert, keyFile: key });

  it('speaks with a server whose certificate holds, showing its own', async () => {
    const bus = await connectNats({ url: server.url, name: 'tls', logger, tls: files(own) });
    await bus.flush();
    await bus.close();
    const again = await connectNats({ url: server.url.replace('nats:', 'tls:'), name: 'tls', logger, tls: files(own) });
    await again.close();
  });

  it('refuses a server that another authority signed, one without TLS, and is refused without a certificate', async () => {
    expect(await refused({ url: server.url, tls: files(others) })).toBe(true);
    expect(await refused({ url: server.url, tls: { ...files(own), caFile: others.ca } })).toBe(true);
    expect(await refused({ url: server.url, tls: { caFile: own.ca } })).toBe(true);
    expect(await refused({ url: server.url })).toBe(true);
    expect(await refused({ url: plain.url, tls: files(own) })).toBe(true);
    expect(await refused({ url: plain.url.replace('nats:', 'tls:') })).toBe(true);
    expect(await refused({ url: plain.url })).toBe(false);
  });

  it('names a file that cannot be read, and never what is in it', async () => {
    const bad = (more: Partial<NatsOptions>) => connectNats({ url: plain.url, name: 'x', logger, ...more });
    await expect(bad({ tls: { caFile: '/nowhere.pem' } })).rejects.toThrow('tls.caFile: cannot be read (ENOENT)');
    await expect(bad({ tls: { certFile: own.cert } })).rejects.toThrow('tls: certFile needs keyFile');
    await expect(bad({ credsFile: '/nowhere.creds' })).rejects.toThrow('credsFile: cannot be read (ENOENT)');
    const folder = tempDir('creds');
    writeFileSync(join(folder.path, 'bad'), 'hunter2');
    expect(await refused({ url: plain.url, credsFile: join(folder.path, 'bad') })).toBe(true);
    folder.remove();
  });
});

/** A chain of trust as the NATS tools make it: operator, account, and users signed by the account. */
function trust() {
  const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
  const [operator, account] = [nkeys.createOperator(), nkeys.createAccount()];
  const sign = (by: ReturnType<typeof nkeys.createAccount>, sub: string, name: string, nats: object): string => {
    const claims = { jti: name, iat: Math.floor(Date.now() / 1000), iss: by.getPublicKey(), sub, name, nats };
    const text = `${base64(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }))}.${base64(JSON.stringify(claims))}`;
    return `${text}.${base64(by.sign(new TextEncoder().encode(text)))}`;
  };
  const none = { subs: -1, data: -1, payload: -1 };
  const limits = { ...none, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const accountKey = account.getPublicKey();
  const accountJwt = sign(operator, accountKey, 'SIGEC', { limits, type: 'account', version: 2 });
  const operatorJwt = sign(operator, operator.getPublicKey(), 'operator', { type: 'operator', version: 2 });
  return {
    config: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${accountKey}: ${accountJwt} }\n`,
    creds: (by = account): string => {
      const user = nkeys.createUser();
      const jwt = sign(by, user.getPublicKey(), 'edge', { ...none, type: 'user', version: 2 });
      const seed = new TextDecoder().decode(user.getSeed());
      return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    },
  };
}

describeReal('credentials files of NATS', ['nats'], () => {
  it('open the server that trusts who signed them, also those that were renewed', async () => {
    const folder = tempDir('creds');
    const [own, other] = [trust(), trust()];
    const [configFile, credsFile] = [join(folder.path, 'nats.conf'), join(folder.path, 'edge.creds')];
    writeFileSync(configFile, own.config);
    const server = await startNats({ configFile });
    writeFileSync(credsFile, other.creds());
    expect(await refused({ url: server.url })).toBe(true);
    expect(await refused({ url: server.url, credsFile })).toBe(true);
    writeFileSync(credsFile, own.creds());
    const bus = await connectNats({ url: server.url, name: 'sigec-edge', logger, credsFile });
    writeFileSync(credsFile, own.creds());
    await server.restart();
    await until(() => bus.status === 'connected', 'back with the new file');
    await bus.flush();
    await bus.close();
    await server.stop();
    folder.remove();
  });
});
