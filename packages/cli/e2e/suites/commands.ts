/** End to end: the queue of commands, commands to many stations, and verbs that fit any version. */
import { createStation, type Station } from '@sigec/sim';
import { afterEach, expect, it } from 'vitest';
import { VERSIONS, type Version } from '../support/dialect.js';
import type { CreatedDevice } from '../support/rest.js';
import { endpoint, register, type System, unique } from '../support/system.js';
import { eventually } from '../support/wait.js';

interface Queued {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly action: string | null;
}

interface Batch {
  readonly id: string;
  readonly state: string;
  readonly total: number;
  readonly percent: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** As they were asked for. */
const ACTIONS = ['ClearCache', 'GetLocalListVersion'];

export function commandsSuite(get: () => System): void {
  const stations: Station[] = [];
  afterEach(async () => {
    await Promise.all(stations.splice(0).map((station) => station.close()));
  });

  async function boot({ identity, credentials }: CreatedDevice, version: Version): Promise<Station> {
    const station = createStation({ url: endpoint(get()), identity, password: credentials.password, version });
    stations.push(station);
    await station.boot();
    return station;
  }
  const queued = (id: string) => get().rest.ok<Queued>('GET', `/commands/${id}`);

  it.each(VERSIONS)('22: a charger of %s that was away gets its commands after its boot, in order', async (version) => {
    const { rest } = get();
    const device = await register(get());
    const ids: string[] = [];
    for (const path of ['actions/clear-cache', 'commands/GetLocalListVersion']) {
      const asked = await rest.send<Queued>('POST', `/devices/${device.id}/${path}?queue=600`, {});
      expect([asked.status, asked.body.state]).toEqual([202, 'queued']);
      ids.push(asked.body.id);
    }
    await boot(device, version);
    for (const id of ids)
      await eventually(async () => expect(await queued(id)).toMatchObject({ state: 'succeeded', attempts: 1 }));
    // Among whatever else a charger is asked after its boot.
    await eventually(async () => {
      const sent = (await rest.messages(device.id)).filter((one) => one.direction === 'out' && one.type === 'call');
      const ours = sent.map(({ action }) => action).filter((action) => ACTIONS.includes(action));
      expect(ours).toEqual(ACTIONS);
    });
    // Now that it is there, nothing waits.
    expect((await rest.send('POST', `/devices/${device.id}/actions/clear-cache?queue=600`, {})).status).toBe(200);
  });

  it('waits for what comes in later messages, and gives it whole', async () => {
    const device = await register(get());
    await boot(device, '2.0.1');
    const { body } = await get().rest.command<{ request?: { status: string; items: unknown[] } }>(
      ...[device.id, 'GetBaseReport', { reportBase: 'FullInventory' }, '?wait=30'],
    );
    expect(body.request?.status).toBe('complete');
    expect(body.request?.items.length).toBeGreaterThan(3);
  });

  it('commands a fleet of all versions at once, those that come later as they come', async () => {
    const { rest } = get();
    const site = unique('SITE');
    const devices: CreatedDevice[] = [];
    for (let n = 0; n < 30; n++) devices.push(await register(get(), { location: { site } }));
    const late = devices.slice(27);
    await Promise.all(devices.slice(0, 27).map((device, n) => boot(device, VERSIONS[n % 3] as Version)));
    const order = {
      verb: 'set-availability',
      payload: { available: false },
      filter: { site },
      rate: { per_second: 100 },
    };
    const batch = await rest.ok<Batch>('POST', '/command-batches', order);
    expect(batch.total).toBe(30);
    const look = () => rest.ok<Batch>('GET', `/command-batches/${batch.id}`);
    await eventually(async () => expect((await look()).counts).toMatchObject({ succeeded: 27, queued: 3 }));
    await Promise.all(late.map((device) => boot(device, '2.1')));
    await eventually(async () =>
      expect(await look()).toMatchObject({ state: 'ended', percent: 100, counts: { succeeded: 30 } }),
    );
    await eventually(async () => {
      const { items } = await rest.ok<{ items: { status: string }[] }>('GET', `/devices?site=${site}&limit=50`);
      expect(items.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 'Unavailable'));
    });
  });
}
