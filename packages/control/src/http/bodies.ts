/** Bodies: none over the limit, and none for methods that have none. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { AppEnv } from '../context.js';
import { ProblemError } from '../problem.js';

/** Largest body in bytes. */
const MAX_BODY = 1_048_576;

const limit = bodyLimit({
  maxSize: MAX_BODY,
  onError: () => {
    throw new ProblemError('payload-too-large');
  },
});

/** Clients that put `content-type: application/json` on every request, with nothing behind it, mean an empty object. */
const emptyBody: MiddlewareHandler<AppEnv> = (c, next) => {
  const length = c.req.header('content-length');
  const nothing = length === '0' || (length === undefined && c.req.header('transfer-encoding') === undefined);
  const json = /^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '');
  if (json && nothing && (length === '0' || c.req.raw.body === null))
    c.req.raw = new Request(c.req.raw, { body: '{}' });
  return next();
};

/** To look at the body of a GET would make the server build a request of the web's own, to find that it has none. */
export const bodies: MiddlewareHandler<AppEnv> = (c, next) => {
  const { method } = c.req;
  if (method === 'GET' || method === 'HEAD') return next();
  return limit(c, async () => void (await emptyBody(c, next)));
};
