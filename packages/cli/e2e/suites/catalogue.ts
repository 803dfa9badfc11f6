/** Every command of every version, by REST, to a simulated charger: answered, and the answer holds by its schema. */
import { readFileSync } from 'node:fs';
import { catalogueOf } from '@sigec/ocpp';
import { createStation, type Station } from '@sigec/sim';
import { type Certificates, makeCertificates } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandsOf16, commandsOf21, commandsOf201 } from '../support/commands.js';
import { endpoint, register, type System } from '../support/system.js';

const TABLES = { '1.6': commandsOf16, '2.0.1': commandsOf201, '2.1': commandsOf21 } as const;

export function catalogueSuite(get: () => System): void {
  const stations: Station[] = [];
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(async () => {
    await Promise.all(stations.map((station) => station.close()));
    certificates.remove();
  });

  it.each(['1.6', '2.0.1', '2.1'] as const)('%s: every command of the catalogue', async (version) => {
    const system = get();
    const { rest } = system;
    const device = await register(system);
    const problems: string[] = [];
    const station = createStation({
      url: endpoint(system),
      identity: device.identity,
      password: device.credentials.password,
      version,
      evses: 2,
      speed: 600,
    });
    station.on('problem', (text) => problems.push(text));
    stations.push(station);
    await station.boot();

    const payloads: Readonly<Record<string, object>> = { ...TABLES[version](readFileSync(certificates.ca, 'utf8')) };
    const actions = catalogueOf(`ocpp${version}`)
      .filter(({ direction, kind }) => direction !== 'toCsms' && kind === 'call')
      .map(({ action }) => action);
    expect(Object.keys(payloads).sort()).toEqual([...actions].sort());
    const amiss: unknown[] = [];
    for (const [action, payload] of Object.entries(payloads)) {
      const { status, body } = await rest.command(device.id, action, payload);
      if (status !== 200 || 'warnings' in body) amiss.push({ action, status, body });
    }
    expect(amiss).toEqual([]);
  });
}
