/**
 * New firmware for five hundred chargers of all versions, on the product as a cluster: some fail and are tried again, some
 * never succeed, some are away when it begins, and all of it is told by REST.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStation, type Station } from '@sigec/sim';
import { describeReal } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Cluster, startCluster } from './support/cluster.js';
import { VERSIONS, type Version } from './support/dialect.js';
import { tellOnFailure } from './support/failure.js';
import type { CreatedDevice } from './support/rest.js';
import { endpoint, unique } from './support/system.js';
import { eventually } from './support/wait.js';

const STATIONS = 500;
/** Fail the first time. */
const SHAKY = 40;
/** Fail every time. */
const BROKEN = 5;
/** Come when the rest has begun. */
const LATE = 20;
const ATTEMPTS = 3;
const MINUTE = 60_000;

interface Batch {
  readonly id: string;
  readonly state: string;
  readonly total: number;
  readonly percent: number;
  readonly counts: Readonly<Record<string, number>>;
}

interface Result {
  readonly identity: string;
  readonly state: string;
  readonly attempts: number;
  readonly reason: string | null;
}

/** Does the work for each, so many at once. */
async function each<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    for (let n = next++; n < items.length; n = next++) await work(items[n] as T, n);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

describeReal('rollout', ['nats', 'redis', 'postgres'], () => {
  let system: Cluster;
  const stations: Station[] = [];
  const image = createServer((_, response) => response.end('firmwareVersion=2.0.0\n'.padEnd(10_000, '.')));
  beforeAll(async () => {
    system = await startCluster({ edges: 2, workers: 1 });
    await new Promise<void>((resolve) => image.listen(0, '127.0.0.1', resolve));
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    await Promise.all(stations.map((station) => station.close()));
    await system?.close();
    image.closeAllConnections();
    image.close();
  });

  /** The n-th charger: what it speaks, and how its updates end. */
  async function boot({ identity, credentials }: CreatedDevice, n: number): Promise<void> {
    const version = VERSIONS[n % 3] as Version;
    // A broken one fails as often as it is tried; it is mended by then.
    const firmware =
      n < BROKEN ? { failures: 1, times: ATTEMPTS } : n < BROKEN + SHAKY ? { failures: 1, times: 1 } : {};
    const station = createStation({
      ...{ url: endpoint(system, n), identity, password: credentials.password, version, firmware },
      messageTimeoutMs: MINUTE,
    });
    stations.push(station);
    await station.boot();
  }

  it(
    'brings new firmware to 500 chargers, with failures and retries told by REST',
    async () => {
      const { rest } = system;
      const site = unique('FLEET');
      const devices: CreatedDevice[] = [];
      await each(Array.from({ length: STATIONS }), 16, async (_, n) => {
        devices[n] = await rest.createDevice(`${site}-${n}`, { location: { site } });
      });
      await each(devices.slice(0, STATIONS - LATE), 40, boot);

      const batch = await rest.ok<Batch>('POST', '/command-batches', {
        verb: 'update-firmware',
        payload: { location: `http://127.0.0.1:${(image.address() as AddressInfo).port}/v2.bin` },
        filter: { site },
        rate: { per_second: 200 },
        ...{ max_attempts: ATTEMPTS, retry_delay_s: 1, expires_in_s: 600, timeout_s: 60 },
      });
      expect(batch).toMatchObject({ total: STATIONS, state: 'running' });
      const look = () => rest.ok<Batch>('GET', `/command-batches/${batch.id}`);
      const seen: number[] = [];
      await eventually(async () => {
        const now = await look();
        seen.push(now.percent);
        // All but those that are away.
        expect(now.counts).toMatchObject({ succeeded: STATIONS - LATE - BROKEN, failed: BROKEN, queued: LATE });
      }, 2 * MINUTE);
      // Progress only rises, and was told on the way.
      expect(seen).toEqual([...seen].sort((a, b) => a - b));

      await each(devices.slice(STATIONS - LATE), 20, (device, n) => boot(device, STATIONS - LATE + n));
      await eventually(async () => {
        expect(await look()).toMatchObject({ state: 'ended', percent: 100 });
      }, MINUTE);
      expect((await look()).counts).toMatchObject({ succeeded: STATIONS - BROKEN, failed: BROKEN });

      const results: Result[] = [];
      let cursor: string | null = null;
      do {
        const more: string = cursor === null ? '' : `&cursor=${cursor}`;
        const page: { items: Result[]; next_cursor: string | null } = await rest.ok(
          'GET',
          `/command-batches/${batch.id}/commands?limit=200${more}`,
        );
        results.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor !== null);
      const attempts = new Map(results.map((one) => [one.identity, one]));
      expect(attempts.size).toBe(STATIONS);
      for (let n = 0; n < STATIONS; n++) {
        const broken = { state: 'failed', attempts: ATTEMPTS, reason: 'DownloadFailed' };
        const fine = { state: 'succeeded', attempts: n < BROKEN + SHAKY ? 2 : 1, reason: null };
        expect(attempts.get(`${site}-${n}`), String(n)).toMatchObject(n < BROKEN ? broken : fine);
      }

      // The cause is mended: what failed is tried again.
      const again = await rest.ok<Batch>('POST', `/command-batches/${batch.id}/retry-failed`);
      expect(again).toMatchObject({ state: 'running', counts: { queued: BROKEN } });
      await eventually(async () => {
        expect(await look()).toMatchObject({ state: 'ended', counts: { succeeded: STATIONS, failed: 0 } });
      }, MINUTE);
      const old = await rest.ok<{ items: { firmware_version: string }[] }>('GET', `/devices?site=${site}&limit=200`);
      expect(new Set(old.items.map((device) => device.firmware_version))).toEqual(new Set(['2.0.0']));
    },
    6 * MINUTE,
  );
});
