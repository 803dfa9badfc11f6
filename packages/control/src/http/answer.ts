/**
 * How answers are made: with all their headers at once, as a plain record. A header that is put on an answer afterwards
 * makes the server build the web's own Headers and walk them again, which costs more than the rest of a request.
 */
import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import type { AppEnv } from '../context.js';
import { limitHeaders } from '../guard/limit-headers.js';

const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/**
 * What an application adds to all its answers.
 * @param publicUrl where people reach it; with https browsers are told to come no other way
 */
export function ownHeaders(publicUrl: string | undefined): Headers {
  return publicUrl !== undefined && new URL(publicUrl).protocol === 'https:'
    ? { 'strict-transport-security': 'max-age=15552000; includeSubDomains' }
    : {};
}

/** What every answer carries where it says nothing else. */
function standard(c: Context<AppEnv>): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    'content-security-policy': API_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'DENY',
    'x-permitted-cross-domain-policies': 'none',
    'x-request-id': c.get('requestId'),
    'x-xss-protection': '0',
    ...c.get('own'),
  };
  const standing = c.get('standing');
  return standing === undefined ? headers : Object.assign(headers, limitHeaders(standing));
}

type Content = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
/** Names in lower case; they go before the standard ones. */
export type Headers = Readonly<Record<string, string>>;

/** An answer of any kind. `type` undefined: it has no content. */
export function answerWith(
  c: Context<AppEnv>,
  content: Content,
  status: StatusCode,
  type: string | undefined,
  more?: Headers,
): Response {
  const headers = standard(c);
  if (type !== undefined) headers['content-type'] = type;
  if (more !== undefined) Object.assign(headers, more);
  const response = new Response(content, { status, headers });
  c.set('answered', response);
  return response;
}

/** An answer in JSON, of the type that the route documents. */
export function answer<T extends object, S extends ContentfulStatusCode>(
  c: Context<AppEnv>,
  data: T,
  status: S,
  more?: Headers,
): Response & TypedResponse<JSONParsed<T>, S, 'json'> {
  const made = answerWith(c, JSON.stringify(data), status, 'application/json', more);
  return made as Response & TypedResponse<JSONParsed<T>, S, 'json'>;
}

/** An answer that is JSON of the type already. */
export function handOn<T extends object>(
  c: Context<AppEnv>,
  json: string,
  more?: Headers,
): Response & TypedResponse<JSONParsed<T>, 200, 'json'> {
  return answerWith(c, json, 200, 'application/json', more) as Response & TypedResponse<JSONParsed<T>, 200, 'json'>;
}

/** Puts the standard headers on an answer that was made in another way. */
export function dress(c: Context<AppEnv>): void {
  if (c.get('answered') === c.res) return;
  const { headers } = c.res;
  for (const [name, value] of Object.entries(standard(c))) if (!headers.has(name)) headers.set(name, value);
}
