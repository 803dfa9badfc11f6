/** One POST to an endpoint. What it answers beside its status is of no interest, and not kept. */
import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { hostIn, isPublic, NotPublicError, publicLookup } from './addresses.js';

/** From the first look at the name to the end of the answer, ms. */
const TIMEOUT_MS = 10_000;
/** Of an answer, more is not read. */
const MAX_ANSWER = 65_536;

const POOL = { keepAlive: true, maxSockets: 8, maxTotalSockets: 256, maxFreeSockets: 64, timeout: 30_000 } as const;

export interface Posted {
  readonly status: number | null;
  /** Why there is no status. */
  readonly error: string | null;
  readonly durationMs: number;
}

export class Sender {
  readonly #http = new HttpAgent(POOL);
  readonly #https = new HttpsAgent(POOL);
  readonly #inside: boolean;

  /** @param inside whether http, and addresses that are not public, may be told */
  constructor(inside: boolean) {
    this.#inside = inside;
  }

  /** Never rejects. Redirects are not followed: where they lead nobody has checked. */
  async post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Posted> {
    const started = performance.now();
    const took = () => Math.round(performance.now() - started);
    try {
      const status = await this.#status(new URL(url), headers, body);
      return { status, error: null, durationMs: took() };
    } catch (error) {
      return { status: null, error: reasonOf(error), durationMs: took() };
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #status(url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    const secure = url.protocol === 'https:';
    // A name is checked where it is looked up; an address is not looked up.
    const host = hostIn(url);
    if (!this.#inside && (!secure || (isIP(host) !== 0 && !isPublic(host))))
      return Promise.reject(new NotPublicError());
    const content = Buffer.from(body);
    const options: RequestOptions = {
      method: 'POST',
      agent: secure ? this.#https : this.#http,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { ...headers, 'content-length': String(content.length) },
      ...(!this.#inside && { lookup: publicLookup }),
    };
    return new Promise((resolve, reject) => {
      const sent = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MAX_ANSWER) return;
          resolve(response.statusCode ?? 0);
          response.destroy();
        });
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(content);
    });
  }
}

/** A word for the log of deliveries: codes, and nothing that the other side wrote. */
function reasonOf(error: unknown): string {
  if (error instanceof NotPublicError) return 'address-not-public';
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || name === 'AbortError') return 'timeout';
  return typeof code === 'string' ? code.slice(0, 50) : 'failed';
}
