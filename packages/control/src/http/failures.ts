/** Whatever a route throws becomes a problem; what nobody expected is logged, and told to nobody. */
import { BusUnavailableError } from '@sigec/bus';
import { CacheUnavailableError } from '@sigec/cache';
import type { Logger } from '@sigec/runtime';
import { isRefused, isTransient, isUnstorable } from '@sigec/store';
import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { AppEnv } from '../context.js';
import { type ProblemCode, ProblemError, problemResponse } from '../problem.js';
import { unstorable } from './unstorable.js';

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'malformed-json',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
};

/** The innermost cause. The query builder's own error quotes the statement and its values, which may be secrets. */
export function rootOf(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 5 && root instanceof Error && root.cause instanceof Error; depth++) root = root.cause;
  return root;
}

/** What the log may hold of an error's {@link rootOf}: not the fields that drivers add, which quote rows. */
export function loggable(root: unknown): Readonly<Record<string, unknown>> {
  if (!(root instanceof Error)) return { reason: typeof root };
  const { code } = root as { code?: unknown };
  return { reason: root.name, errorCode: code, text: root.message.slice(0, 500), stack: root.stack?.slice(0, 4000) };
}

/** What whoever asked is told of an error that is no problem itself. */
export function codeOf(error: unknown, root: unknown = rootOf(error)): ProblemCode {
  if (error instanceof HTTPException) return BY_STATUS[error.status] ?? 'invalid-parameter';
  if (root instanceof CacheUnavailableError) return 'cache-unavailable';
  if (root instanceof BusUnavailableError) return 'bus-unavailable';
  return isTransient(root) ? 'database-unavailable' : 'internal';
}

export function failures(logger: Logger): ErrorHandler<AppEnv> {
  return (error, c) => {
    const requestId = c.get('requestId');
    if (error instanceof ProblemError) return problemResponse(c, error.code, error.options);
    const root = rootOf(error);
    if (isUnstorable(root)) return unstorable(c).then((problem) => problemResponse(c, ...problem));
    // Of anybody else the wall is not to refuse anything: that would be a fault of ours.
    const refused = isRefused(root) && c.get('actor')?.reach !== undefined;
    const code = refused ? 'forbidden' : codeOf(error, root);
    if (code === 'internal') logger.error({ requestId, ...loggable(root) }, 'request: failed');
    else if (!(error instanceof HTTPException)) logger.warn({ requestId, code, ...loggable(root) }, 'request: failed');
    return problemResponse(c, code);
  };
}
