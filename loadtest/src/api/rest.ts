/** The room of the REST API, as far as the harness uses it: log in, list devices, send a command. */
import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { isObject } from '../ocpp/answers.js';

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Whoever calls sees the status, never the credentials. */
export class RestError extends Error {
  override readonly name = 'RestError';
}

const MAX_SOCKETS = 1024;
const MAX_BODY = 8 * 1024 * 1024;

export class Rest {
  readonly #base: URL;
  readonly #agent: Agent | TlsAgent;
  #token = '';

  /** @param url base, with or without `/api/v1` */
  constructor(
    url: string,
    readonly timeoutMs: number,
  ) {
    this.#base = new URL(url.replace(/\/+$/, '').replace(/\/api\/v1$/, ''));
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.#agent = this.#base.protocol === 'https:' ? new TlsAgent(options) : new Agent(options);
  }

  async login(email: string, password: string): Promise<void> {
    const { status, body } = await this.send('POST', '/auth/login', { email, password });
    if (status !== 200 || !isObject(body) || typeof body.token !== 'string')
      throw new RestError(`api: login answered ${status}`);
    this.#token = body.token;
  }

  /** Ids of the devices that are online and wanted, by identity. */
  async devices(wanted: ReadonlySet<string>): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await this.send('GET', `/devices?online=true&limit=200${next}`);
      if (status !== 200 || !isObject(body) || !Array.isArray(body.items))
        throw new RestError(`api: the list of devices answered ${status}`);
      for (const device of body.items.filter(isObject)) {
        const { id, identity } = device;
        if (typeof id === 'string' && typeof identity === 'string' && wanted.has(identity)) found.set(identity, id);
      }
      cursor = typeof body.next_cursor === 'string' ? body.next_cursor : null;
    } while (cursor !== null && found.size < wanted.size);
    return found;
  }

  /** One request; rejects only where there was no HTTP answer. */
  send(method: string, path: string, json?: unknown): Promise<HttpAnswer> {
    const text = json === undefined ? '' : JSON.stringify(json);
    const headers: Record<string, string | number> = { accept: 'application/json' };
    if (this.#token !== '') headers.authorization = `Bearer ${this.#token}`;
    if (text !== '') {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(text);
    }
    const ask = this.#base.protocol === 'https:' ? tlsRequest : request;
    const prefix = this.#base.pathname.replace(/\/$/, '');
    return new Promise((resolve, reject) => {
      const call = ask(
        {
          agent: this.#agent,
          hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
          port: this.#base.port,
          method,
          path: `${prefix}/api/v1${path}`,
          headers,
          timeout: this.timeoutMs,
        },
        (answer) => {
          const parts: Buffer[] = [];
          let size = 0;
          answer.on('data', (part: Buffer) => {
            size += part.length;
            if (size > MAX_BODY) call.destroy(new RestError('api: the answer is too long'));
            parts.push(part);
          });
          answer.on('error', reject);
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: parse(Buffer.concat(parts)) }));
        },
      );
      call.on('timeout', () => call.destroy(new RestError(`api: no answer in ${this.timeoutMs} ms`)));
      call.on('error', reject);
      call.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
