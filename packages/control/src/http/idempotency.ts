/**
 * POST with `Idempotency-Key`: whoever is not told what became of a request may send it again, and it is done once. The
 * key is kept by the database before anything is done, so it holds over all processes and their deaths.
 */

import { createHash } from 'node:crypto';
import { claimIdempotencyKey, releaseIdempotencyKey, settleIdempotencyKey } from '@sigec/store';
import type { Context, Next } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { AppEnv, Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { seal, unseal } from '../sealed.js';
import { answerWith } from './answer.js';

export const IDEMPOTENCY_HEADER = 'idempotency-key';
/** Says that nothing was done: this is the answer of before. */
export const REPLAYED_HEADER = 'idempotent-replayed';

const KEY = /^[\x21-\x7e]{1,255}$/;
/** The headers of an answer that belong to what was done. */
const KEPT_HEADERS = ['content-type', 'content-language', 'location', 'etag'] as const;

const Kept = z.object({ body: z.string(), headers: z.record(z.string(), z.string()) });

const fingerprint = (method: string, path: string, body: string): Uint8Array =>
  createHash('sha256')
    .update(JSON.stringify([method, path, body]))
    .digest();

/**
 * Whether an answer is what the key stands for from now on. Not those that say that nothing was done and that the same may
 * succeed later, or after the request was mended: they leave the key free.
 */
function isFinal(status: number, temporary: boolean): boolean {
  if (status < 400) return true;
  if (status === 409) return !temporary;
  return status >= 500 && status !== 503;
}

/** Whether a request wants to be done once. Asked of all: it costs nobody else anything. */
export const isRepeatable = ({ req }: Context<AppEnv>): boolean =>
  req.method === 'POST' && req.header(IDEMPOTENCY_HEADER) !== undefined;

/** For requests that are {@link isRepeatable}, of somebody who is known. Leaves the answer in `c.res`. */
export type Idempotency = (c: Context<AppEnv>, next: Next) => Promise<void>;

export function idempotency({ db, config, logger }: Pick<Services, 'db' | 'config' | 'logger'>): Idempotency {
  const secret = config.jwtSecret;

  const again = (c: Context<AppEnv>, status: number, sealed: Uint8Array): Response => {
    const { body, headers } = Kept.parse(JSON.parse(unseal(secret, 'answer', sealed)));
    const { 'content-type': type, ...rest } = headers;
    const more = { ...rest, [REPLAYED_HEADER]: 'true' };
    return answerWith(c, body === '' ? null : body, status as ContentfulStatusCode, type, more);
  };

  const settle = async (c: Context<AppEnv>, key: string): Promise<void> => {
    const { status, headers } = c.res;
    const body = await c.res.clone().text();
    const temporary = /^application\/problem\+json/.test(headers.get('content-type') ?? '') && isTemporary(body);
    if (!isFinal(status, temporary)) {
      await releaseIdempotencyKey(db, c.get('actor'), key);
      return;
    }
    const kept: Record<string, string> = {};
    for (const name of KEPT_HEADERS) {
      const value = headers.get(name);
      if (value !== null) kept[name] = value;
    }
    const answer = seal(secret, 'answer', JSON.stringify({ body, headers: kept } satisfies z.infer<typeof Kept>));
    await settleIdempotencyKey(db, c.get('actor'), key, { status, answer });
  };

  return async (c, next) => {
    const key = c.req.header(IDEMPOTENCY_HEADER) ?? '';
    if (!KEY.test(key)) {
      const message = 'must be 1 to 255 visible ASCII characters';
      throw new ProblemError('invalid-parameter', { errors: [{ field: 'Idempotency-Key', message }] });
    }
    const { method, url } = c.req;
    const { pathname, search } = new URL(url);
    const found = await claimIdempotencyKey(
      db,
      c.get('actor'),
      key,
      fingerprint(method, pathname + search, await c.req.text()),
    );
    switch (found.state) {
      case 'other':
        throw new ProblemError('idempotency-key-reused');
      case 'running':
        throw new ProblemError('idempotency-in-progress', { headers: { 'retry-after': '1' } });
      case 'lost':
        throw new ProblemError('idempotency-outcome-unknown');
      case 'answered':
        c.res = again(c, found.status, found.answer);
        return;
      default:
    }
    await next();
    // What was done was done: that its answer is not kept must not make it look otherwise.
    await settle(c, key).catch((error: unknown) => logger.error({ err: error }, 'an answer was not kept for its key'));
  };
}

function isTemporary(problem: string): boolean {
  try {
    return (JSON.parse(problem) as { temporary?: unknown }).temporary === true;
  } catch {
    return false;
  }
}
