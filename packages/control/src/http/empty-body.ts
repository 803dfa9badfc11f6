/** Clients that put `content-type: application/json` on every request, with nothing behind it, mean an empty object. */
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../context.js';

export const emptyBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { method } = c.req;
  const length = c.req.header('content-length');
  const nothing = length === '0' || (length === undefined && c.req.header('transfer-encoding') === undefined);
  const json = /^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '');
  if (json && nothing && method !== 'GET' && method !== 'HEAD' && (length === '0' || c.req.raw.body === null))
    c.req.raw = new Request(c.req.raw, { body: '{}' });
  return next();
};
