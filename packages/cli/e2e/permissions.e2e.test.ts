/** The product on a bus and a cache that give each role only what docs/bus-permissions.md says, with the files it names. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeReal, makeCertificates, tempDir } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Charger } from './support/charger.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { tellOnFailure } from './support/failure.js';
import { endpoint, register, validToken } from './support/system.js';
import { quiet } from './support/wait.js';

const file = (name: string): string => fileURLToPath(new URL(`../../../docs/security/${name}`, import.meta.url));
const ROLES = ['edge', 'worker', 'control'] as const;
const passwordOf = (role: string): string => `long/${role}@password`;

describeReal('least privilege', ['nats', 'redis', 'postgres'], () => {
  const folder = tempDir('permissions');
  const certificates = makeCertificates();
  let system: Cluster;
  beforeAll(async () => {
    let users = readFileSync(file('redis-users.conf'), 'utf8');
    const env: Record<string, string> = {};
    for (const role of ROLES) {
      const name = role.toUpperCase();
      const hash = createHash('sha256').update(passwordOf(role)).digest('hex');
      users = users.replace(`#${name}_PASSWORD_SHA256`, `#${hash}`);
      env[`SIGEC_NATS_${name}_PASSWORD`] = `"${passwordOf(role)}"`;
    }
    writeFileSync(join(folder.path, 'users.conf'), users);
    const { ca, cert, key } = certificates;
    system = await startCluster({
      edges: 1,
      workers: 1,
      nats: { configFile: file('nats-server.conf'), env, args: ['--tls', '--tlscert', cert, '--tlskey', key] },
      redis: ['--include', join(folder.path, 'users.conf')],
      env: { SIGEC_NATS_TLS_CA: ca },
      roleEnv: (role, nats, redis) => ({
        NATS_URL: `tls://${role}:${encodeURIComponent(passwordOf(role))}@127.0.0.1:${nats.port}`,
        REDIS_URL: `redis://${role}:${encodeURIComponent(passwordOf(role))}@127.0.0.1:${redis.port}`,
      }),
    });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    await Charger.closeAll();
    await system?.close();
    certificates.remove();
    folder.remove();
  });

  it('a charger connects, charges, and is commanded; nothing was refused', async () => {
    const { rest } = system;
    const device = await register(system);
    const tag = await validToken(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '2.0.1');
    await charger.settle();
    await charger.start(tag, 0);
    await charger.meter(500);
    await charger.stop(1000);
    expect(await rest.history(device.id)).toMatchObject([{ energy_wh: 1000, cost: { amount_minor: 75 } }]);
    charger.answer('ClearCache', { status: 'Accepted' });
    const { body } = await rest.command(device.id, 'ClearCache', {});
    expect(body).toMatchObject({ status: 'answered', response: { status: 'Accepted' } });
    // The relay has had its turn, and the leases theirs.
    await quiet(6000);
    await charger.close();
    const refused = system
      .log()
      .filter(
        (line) =>
          /refused something|ended a subscription|not renewed|relay|no connection/.test(line.msg) ||
          JSON.stringify(line).includes('NOPERM'),
      );
    expect(refused).toEqual([]);
    const words = system.words();
    for (const role of ROLES) {
      expect(words).not.toContain(passwordOf(role));
      expect(words).not.toContain(encodeURIComponent(passwordOf(role)));
    }
  });
});
