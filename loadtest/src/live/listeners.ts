/** The room of those who listen: sockets of `/ws/updates`, each of which notes the sequences it was told. */
import { WebSocket } from 'ws';
import { isObject } from '../ocpp/answers.js';

/** What the stream said, by sequence: the station that it names, null for none. */
export type Heard = Map<number, string | null>;

export interface Listener {
  /** Undefined: of every station. */
  readonly devices: ReadonlySet<string> | undefined;
  readonly heard: Heard;
  /** Told twice. */
  readonly again: () => number;
  /** Close codes, beside its own end. */
  readonly ends: () => readonly number[];
  close(): void;
}

const READY_MS = 60_000;
const TOPICS = ['stations', 'transactions', 'alarms', 'commands', 'network'];

export interface ListenOptions {
  /** http:// of the API. */
  readonly url: string;
  readonly token: string;
  readonly devices?: readonly string[] | undefined;
  /** Called with the time from the event's own to its arrival, ms. */
  readonly onDelay?: ((ms: number) => void) | undefined;
}

/** Resolves once it is subscribed. A socket that ends comes back to where it was. */
export async function listen({ url, token, devices, onDelay }: ListenOptions): Promise<Listener> {
  const heard: Heard = new Map();
  const ends: number[] = [];
  let again = 0;
  let position: string | undefined;
  let closed = false;
  let ws: WebSocket;
  const dial = (done: () => void): void => {
    ws = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/updates`, ['sigec.v1', `bearer.${token}`]);
    ws.on('message', (data) => {
      const message = JSON.parse(String(data)) as Record<string, unknown>;
      if (message.type === 'ready')
        ws.send(
          JSON.stringify({
            ...{ type: 'subscribe', id: 'all', topics: TOPICS },
            ...(devices !== undefined && { device_ids: devices }),
            ...(position !== undefined && { after: position }),
          }),
        );
      else if (message.type === 'subscribed') done();
      else if (message.type === 'event' && typeof message.sequence === 'number') {
        position = String(message.position);
        if (heard.has(message.sequence)) again += 1;
        heard.set(message.sequence, stationOf(message.event));
        if (onDelay !== undefined && isObject(message.event))
          onDelay(Date.now() - Date.parse(String(message.event.time)));
      }
    });
    ws.on('error', () => undefined);
    ws.on('close', (code) => {
      if (closed) return;
      ends.push(code);
      setTimeout(() => dial(() => undefined), 500);
    });
  };
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('live: a listener was not subscribed in a minute')), READY_MS);
    dial(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  return {
    devices: devices === undefined ? undefined : new Set(devices),
    heard,
    again: () => again,
    ends: () => ends,
    close: () => {
      closed = true;
      ws.terminate();
    },
  };
}

/** The station that an event names. */
export function stationOf(event: unknown): string | null {
  const data = isObject(event) && isObject(event.data) ? event.data : {};
  return typeof data.device_id === 'string' ? data.device_id : null;
}
