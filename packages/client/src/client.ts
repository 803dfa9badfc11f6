/** The client: typed by the document, with a token, a language, and a key on all that acts. */
import createClient, { type Client, type Middleware } from 'openapi-fetch';
import type { paths } from './gen/api.js';
import { SigecProblem, toProblem } from './problem.js';

export interface ClientOptions {
  /** Where the API is, such as `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** The access token or API key of each request; undefined for none. Asked every time, so that it may change. */
  readonly token?: () => string | undefined | Promise<string | undefined>;
  /** Of titles and details. Default pt-BR. */
  readonly language?: 'pt-BR' | 'en';
  /** In place of the platform's own. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** What every method of the client answers (openapi-fetch). */
interface Answered<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

export interface SigecClient extends Client<paths> {
  /**
   * The body of an answer: `await client.ask(client.GET('/api/v1/devices/{id}', { params: { path: { id } } }))`.
   * @throws {SigecProblem} for every answer that is no success
   */
  ask<T>(answered: Promise<Answered<T>>): Promise<T>;
}

function own({ token, language = 'pt-BR' }: ClientOptions): Middleware {
  return {
    async onRequest({ request }) {
      const bearer = await token?.();
      if (bearer !== undefined) request.headers.set('authorization', `Bearer ${bearer}`);
      request.headers.set('accept-language', language);
      // Sent again by whoever asked for this request, it is another one; by what lies between, the same.
      if (request.method === 'POST' && bearer !== undefined && !request.headers.has('idempotency-key'))
        request.headers.set('idempotency-key', crypto.randomUUID());
      return request;
    },
  };
}

export function createSigecClient(options: ClientOptions): SigecClient {
  const { baseUrl, fetch } = options;
  const client = createClient<paths>({ baseUrl, ...(fetch === undefined ? {} : { fetch }) });
  client.use(own(options));
  return Object.assign(client, {
    async ask<T>(answered: Promise<Answered<T>>): Promise<T> {
      const { data, error, response } = await answered;
      if (!response.ok) throw new SigecProblem(toProblem(error, response));
      return data as T;
    },
  });
}
