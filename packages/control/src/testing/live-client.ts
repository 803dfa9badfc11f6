/** For tests: the control role on a port, clients of its live updates, and a receiver of webhooks. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventSubject } from '@sigec/contract';
import { WebSocket } from 'ws';
import type { Harness, Json } from './harness.js';

/** Waits until something holds; the bound is for what never comes. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !holds(); waited += 10) {
    if (waited > 30_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let appended = 0;

/** Appends an event to the stream, as the relay does. Returns its id. */
export async function tell(h: Harness, tenantId: number, kind: string, data: Json): Promise<string> {
  const id = `${process.pid}-${++appended}`;
  const told = { id, type: kind, time: new Date().toISOString(), data };
  await h.bus.events.append(id, eventSubject(tenantId, kind), new TextEncoder().encode(JSON.stringify(told)));
  return id;
}

export interface LiveClient {
  readonly ws: WebSocket;
  /** All that came. */
  readonly got: Json[];
  /** Of one type. */
  of(type: string): Json[];
  /** Ids of the events that came. */
  ids(): unknown[];
  send(message: Json): void;
  /** Sends a subscription and waits until it has caught up. */
  subscribe(message: Json): Promise<void>;
  /** Once it has ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** @param token sent as the first message; undefined: none is */
export async function liveClient(
  url: string,
  token: string | undefined,
  protocols: readonly string[] = [],
): Promise<LiveClient> {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), [...protocols]);
  const got: Json[] = [];
  ws.on('message', (data) => got.push(JSON.parse(String(data)) as Json));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    ws.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    // Also later, when it rejects nothing: a reset of a socket that is ours is no failure of a test.
    ws.on('error', reject);
  });
  const of = (type: string) => got.filter((message) => message.type === type);
  const send = (message: Json) => ws.send(JSON.stringify(message));
  if (token !== undefined) {
    send({ type: 'auth', token });
    await until(() => of('ready').length > 0 || ws.readyState !== WebSocket.OPEN, 'ready');
  }
  return {
    ...{ ws, got, of, send, closed },
    ids: () => of('event').map(({ event }) => (event as Json).id),
    async subscribe(message) {
      const before = got.length;
      send({ type: 'subscribe', ...message });
      const done = () =>
        got.slice(before).find(({ type, id }) => type !== 'event' && type !== 'gap' && id === message.id);
      await until(() => done() !== undefined, `subscribed ${JSON.stringify(message)}`);
      if (done()?.type !== 'subscribed') throw new Error(JSON.stringify(done()));
    },
  };
}

export interface SseEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: Json;
}

/** The events of a text/event-stream. */
export function readEvents(text: string): SseEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
      return {
        ...(id !== undefined && { id }),
        ...(event !== undefined && { event }),
        ...(data !== undefined && { data: JSON.parse(data) as Json }),
      };
    });
}

export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly json: Json & { readonly events: readonly (Json & { readonly event: Json })[] };
}

export interface Receiver {
  readonly url: string;
  readonly got: Received[];
  /** What it answers from now on; undefined: nothing at all. */
  answer(status: number | undefined): void;
  close(): Promise<void>;
}

/** An endpoint that notes what it is sent. */
export async function startReceiver(): Promise<Receiver> {
  const got: Received[] = [];
  let status: number | undefined = 204;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      got.push({ headers: request.headers, body, json: JSON.parse(body) as Received['json'] });
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    got,
    answer: (next) => {
      status = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
