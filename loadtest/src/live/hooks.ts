/** The room of the endpoints of webhooks: one server, a path each, and the sequences that came to it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isObject } from '../ocpp/answers.js';
import { type Heard, stationOf } from './listeners.js';

export interface Hook {
  readonly devices: ReadonlySet<string> | undefined;
  readonly heard: Heard;
  requests: number;
  /** Events that came more than once; at least once is what is promised. */
  again: number;
}

export interface Hooks {
  /** The address of a new endpoint. */
  add(devices: readonly string[] | undefined): string;
  readonly all: readonly Hook[];
  close(): void;
}

export async function startHooks(): Promise<Hooks> {
  const all: Hook[] = [];
  const server = createServer((request, response) => {
    const hook = all[Number(request.url?.slice(1))];
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.writeHead(204).end();
      if (hook === undefined) return;
      hook.requests += 1;
      const { events } = JSON.parse(Buffer.concat(parts).toString('utf8')) as { events: unknown[] };
      for (const one of events.filter(isObject)) {
        const sequence = Number(one.sequence);
        if (hook.heard.has(sequence)) hook.again += 1;
        hook.heard.set(sequence, stationOf(one.event));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    all,
    add: (devices) => {
      all.push({
        devices: devices === undefined ? undefined : new Set(devices),
        heard: new Map(),
        requests: 0,
        again: 0,
      });
      return `http://127.0.0.1:${port}/${all.length - 1}`;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
