/** One HTTP request on a connection of its own: a server that was restarted is not asked over a dead socket. */
import { request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface Asking {
  readonly method?: string;
  readonly token?: string;
  readonly json?: unknown;
  readonly timeoutMs?: number;
}

export function ask(url: string, { method = 'GET', token, json, timeoutMs = 40_000 }: Asking = {}): Promise<Answer> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers = {
    'accept-language': 'en',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, headers, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${url}: no answer in ${timeoutMs} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The status of a health page; 0 where nobody listens. */
export async function healthOf(url: string): Promise<number> {
  try {
    return (await ask(`${url}/health/ready`, { timeoutMs: 5_000 })).status;
  } catch {
    return 0;
  }
}
