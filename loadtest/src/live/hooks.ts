/** The room of the endpoints of webhooks: one server, a path each, and the sequences that came to it signed as they should be. */
import { createHmac, timingSafeEqual } from 'node:crypto';
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
  /** Requests whose signature was missing or none of this endpoint's. What they said counts for nothing. */
  unsigned: number;
}

export interface Hooks {
  /** A new endpoint: its address, and what is to be told its secret, as it is known once the address is. */
  add(devices: readonly string[] | undefined): { readonly url: string; readonly keep: (secret: string) => void };
  readonly all: readonly Hook[];
  close(): void;
}

/** A signature is no older than this when it comes, s. */
const MOST_S = 300;

/** Whether a body was signed with the secret, as docs/live-updates.md tells receivers to look. */
export function isSigned(secret: string, header: string | undefined, body: Buffer): boolean {
  const parts = (header ?? '').split(',').map((part) => part.split('='));
  const t = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d+$/.test(t) || Math.abs(Date.now() / 1000 - Number(t)) > MOST_S) return false;
  const wanted = createHmac('sha256', secret).update(`${t}.`).update(body).digest();
  return parts.some(([name, hex = '']) => {
    const given = name === 'v1' ? Buffer.from(hex, 'hex') : Buffer.alloc(0);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

export async function startHooks(): Promise<Hooks> {
  const all: Hook[] = [];
  const secrets: Promise<string>[] = [];
  const server = createServer((request, response) => {
    const n = Number(request.url?.slice(1));
    const hook = all[n];
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      response.writeHead(204).end();
      if (hook === undefined) return;
      hook.requests += 1;
      const body = Buffer.concat(parts);
      if (!isSigned((await secrets[n]) ?? '', request.headers['sigec-signature']?.toString(), body)) {
        hook.unsigned += 1;
        return;
      }
      const { events } = JSON.parse(body.toString('utf8')) as { events: unknown[] };
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
        unsigned: 0,
      });
      let keep: (secret: string) => void = () => undefined;
      secrets.push(
        new Promise((resolve) => {
          keep = resolve;
        }),
      );
      return { url: `http://127.0.0.1:${port}/${all.length - 1}`, keep };
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
