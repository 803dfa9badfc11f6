/** Web pages of other origins: none may read REST but those that are named. Tokens travel in a header, never in cookies. */
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { AppEnv } from '../context.js';

/** What an answer may show to a page beside what browsers always show. */
const SHOWN = [
  ...['location', 'etag', 'content-disposition', 'idempotent-replayed', 'x-request-id'],
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'],
];

/** @param origins as browsers send them: `https://app.example.com` */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler<AppEnv> {
  return cors({
    origin: [...origins],
    allowMethods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    allowHeaders: ['accept-language', 'authorization', 'content-type', 'idempotency-key', 'if-match', 'last-event-id'],
    exposeHeaders: SHOWN,
    maxAge: 600,
  });
}
