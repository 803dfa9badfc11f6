/** One line and one measurement per request. Never bodies, queries or headers: they may hold secrets. */
import { type Clock, type Logger, type Metrics, traced, uuidv7 } from '@sigec/runtime';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { AppEnv } from '../context.js';

/** Asked every few seconds by machines. */
const QUIET = new Set(['/health/live', '/health/ready', '/metrics']);
const MAX_PATH = 300;

export function observe(logger: Logger, metrics: Metrics, clock: Clock): MiddlewareHandler<AppEnv> {
  const seconds = metrics.histogram<'method' | 'route' | 'status'>({
    name: 'sigec_http_request_seconds',
    help: 'HTTP requests by route.',
    labels: ['method', 'route', 'status'],
    maxSeries: 500,
  });
  return async (c, next) => {
    const requestId = uuidv7();
    c.set('requestId', requestId);
    const started = clock.monotonic();
    await traced(
      'http request',
      { 'http.request.method': c.req.method, 'sigec.request_id': requestId },
      async (span) => {
        await next();
        span.setAttribute('http.response.status_code', c.res.status);
        const matched = matchedRoutes(c).find(({ method }) => method !== 'ALL');
        if (matched) span.updateName(`${matched.method} ${matched.path}`);
      },
    );
    c.header('x-request-id', requestId);
    const ms = clock.monotonic() - started;
    const { status } = c.res;
    const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
    // Methods are the client's words: those that lead nowhere are counted as one.
    const labels = { method: route ? c.req.method : 'other', route: route?.path ?? 'none', status: String(status) };
    seconds.with(labels).observe(ms / 1000);
    const line = {
      method: c.req.method.slice(0, 20),
      path: c.req.path.slice(0, MAX_PATH),
      status,
      ms: Math.round(ms),
      requestId,
    };
    if (QUIET.has(c.req.path) && status < 400) logger.debug(line, 'request');
    else logger.info(line, 'request');
  };
}
