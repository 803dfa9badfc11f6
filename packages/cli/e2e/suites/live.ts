/**
 * Live updates and webhooks while chargers talk and the control process is killed: nobody misses an event. Some are told of
 * every station, so a hole in the sequences shows; from those it is known what the others should have been told.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Charger } from '../support/charger.js';
import type { Cluster } from '../support/cluster.js';
import { endpoint, register } from '../support/system.js';
import { eventually } from '../support/wait.js';

const LISTENERS = 200;
const HOOKS = 20;
const CHARGERS = 5;
/** Of each charger, before the control is killed, while it is away, and after. */
const STATUSES = 20;
const TOPICS = ['stations', 'transactions', 'alarms', 'commands', 'network'];

/** By sequence: the station that the event names. */
type Heard = Map<number, string | undefined>;

interface Told {
  readonly sequence: number;
  readonly position: string;
  readonly event: { readonly data: { readonly device_id?: string } };
}

interface Listener {
  readonly device: string | undefined;
  readonly heard: Heard;
  twice: number;
  close(): void;
}

/** Comes back to where it was whenever its socket ends. */
async function listen(url: string, token: string, device: string | undefined): Promise<Listener> {
  let position: string | undefined;
  let ws: WebSocket;
  let left = false;
  const made: Listener = {
    device,
    heard: new Map(),
    twice: 0,
    close: () => {
      left = true;
      ws.terminate();
    },
  };
  await new Promise<void>((resolve) => {
    const dial = (): void => {
      ws = new WebSocket(`${url.replace('http', 'ws')}/ws/updates`, ['sigec.v1', `bearer.${token}`]);
      ws.on('error', () => undefined);
      ws.on('close', () => {
        if (!left) setTimeout(dial, 200);
      });
      ws.on('message', (data) => {
        const message = JSON.parse(String(data)) as { type: string } & Told;
        if (message.type === 'ready')
          ws.send(
            JSON.stringify({
              ...{ type: 'subscribe', id: 'all', topics: TOPICS, after: position },
              ...(device !== undefined && { device_ids: [device] }),
            }),
          );
        if (message.type === 'subscribed') resolve();
        if (message.type !== 'event') return;
        position = message.position;
        if (made.heard.has(message.sequence)) made.twice += 1;
        made.heard.set(message.sequence, message.event.data.device_id);
      });
    };
    dial();
  });
  return made;
}

export function liveSuite(get: () => Cluster): void {
  const hooks: { readonly device: string | undefined; readonly heard: Heard }[] = [];
  const listeners: Listener[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.writeHead(204).end();
      const { events } = JSON.parse(Buffer.concat(parts).toString()) as { events: Told[] };
      for (const { sequence, event } of events)
        hooks[Number(request.url?.slice(1))]?.heard.set(sequence, event.data.device_id);
    });
  });
  afterAll(async () => {
    for (const one of listeners) one.close();
    server.closeAllConnections();
    server.close();
    await Charger.closeAll();
    await get().mend();
  });

  it(`${LISTENERS} listeners and ${HOOKS} webhooks miss nothing, although the control is killed meanwhile`, async () => {
    const system = get();
    const { rest } = system;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const devices = await Promise.all(Array.from({ length: CHARGERS }, () => register(system)));
    const chargers = await Promise.all(
      devices.map(({ credentials }, n) =>
        Charger.connect(endpoint(system, n), credentials, '1.6', { reconnect: true }),
      ),
    );
    await Promise.all(chargers.map((charger) => charger.settle()));

    const of = (n: number) => (n < 2 ? undefined : devices[n % CHARGERS]?.id);
    for (let n = 0; n < HOOKS; n++) {
      const device = of(n);
      const wish = { url: `http://127.0.0.1:${port}/${n}`, topics: TOPICS, device_ids: device ? [device] : null };
      hooks.push({ device, heard: new Map() });
      await rest.ok('POST', '/webhooks', wish);
    }
    const all = Array.from({ length: LISTENERS }, (_, n) => listen(rest.url, rest.token, of(n)));
    listeners.push(...(await Promise.all(all)));

    const speak = () =>
      Promise.all(
        chargers.map(async (charger) => {
          for (let n = 0; n < STATUSES; n++)
            await charger.client.call('StatusNotification', {
              connectorId: 1,
              errorCode: 'NoError',
              status: n % 2 === 0 ? 'Preparing' : 'Available',
            });
        }),
      );
    await speak();
    await system.control.kill9();
    await speak();
    await system.control.start();
    await speak();

    const least = CHARGERS * STATUSES * 3;
    const heardBy = (one: { readonly heard: Heard }) => [...one.heard.keys()].sort((a, b) => a - b);
    await eventually(() => {
      const truth = new Map([...(listeners[0] as Listener).heard, ...(listeners[1] as Listener).heard]);
      expect(truth.size).toBeGreaterThanOrEqual(least);
      const sequences = [...truth.keys()].sort((a, b) => a - b);
      expect(Number(sequences.at(-1)) - Number(sequences[0]) + 1).toBe(truth.size);
      for (const one of [...listeners, ...hooks]) {
        const wanted = sequences.filter((n) => one.device === undefined || truth.get(n) === one.device);
        // A webhook may have begun a little earlier than the first who listened.
        expect(heardBy(one).filter((n) => n >= Number(sequences[0]))).toEqual(wanted);
      }
    }, 45_000);
    expect(listeners.map(({ twice }) => twice).filter((twice) => twice > 0)).toEqual([]);
  });
}
