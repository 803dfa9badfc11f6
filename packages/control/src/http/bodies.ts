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

/** Files: they have a limit of their own, and are taken as they stream in. */
const FILES = /^(?:\/uploads\/|\/api\/v1\/firmwares\/\d+\/file$)/;

/** Whether nothing comes. Node gives a POST a body even where neither its length nor a coding tells of one. */
async function isEmpty(request: Request): Promise<boolean> {
  const reader = request.clone().body?.getReader();
  if (reader === undefined) return true;
  // What is wrong with it is told to whoever reads it.
  const first = await reader.read().catch(() => ({ done: false }));
  reader.cancel().catch(() => undefined);
  return first.done;
}

/** Clients that put `content-type: application/json` on every request, with nothing behind it, mean an empty object. */
const emptyBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  const length = c.req.header('content-length');
  const untold = length === undefined && c.req.header('transfer-encoding') === undefined;
  const json = /^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '');
  if (json && (length === '0' || (untold && (await isEmpty(c.req.raw)))))
    c.req.raw = new Request(c.req.raw, { body: '{}' });
  return next();
};

/**
 * To look at a body makes the server build a request of the web's own. A GET has none; and of one whose length is told
 * nothing has to be read to know whether it is too long, as node takes no more of it than was told.
 */
export const bodies: MiddlewareHandler<AppEnv> = (c, next) => {
  const { method } = c.req;
  if (method === 'GET' || method === 'HEAD' || FILES.test(c.req.path)) return next();
  const length = c.req.header('content-length');
  if (length === undefined || c.req.header('transfer-encoding') !== undefined)
    return limit(c, async () => void (await emptyBody(c, next)));
  if (!(Number(length) <= MAX_BODY)) throw new ProblemError('payload-too-large');
  return emptyBody(c, next);
};
