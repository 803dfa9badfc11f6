/** One line and one measurement per request. Never bodies, queries or headers: they may hold secrets. */
import { type Clock, type HistogramSeries, type Logger, type Metrics, traced, uuidv7 } from '@sigec/runtime';
import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../context.js';
import { dress, type Headers } from './answer.js';
import { type Route, routeOf } from './route.js';
import { shownPath } from './shown-path.js';

/** Asked every few seconds by machines. */
const QUIET = new Set(['/health/live', '/health/ready', '/metrics']);
const MAX_PATH = 300;

/** Finds the series of a request, by the route it belongs to and its status. */
function seriesOf(metrics: Metrics): (c: Context, route: Route | undefined, status: number) => HistogramSeries {
  const seconds = metrics.histogram<'method' | 'route' | 'status'>({
    name: 'sigec_http_request_seconds',
    help: 'HTTP requests by route.',
    labels: ['method', 'route', 'status'],
    maxSeries: 500,
  });
  // As many entries as there are routes and statuses; a HEAD is told apart from the GET whose route it takes.
  const known = new Map<Route, Map<number, HistogramSeries>>();
  return ({ req: { method } }, route, status) => {
    // Methods are the client's words: those that lead nowhere are counted as one.
    if (route === undefined) return seconds.with({ method: 'other', route: 'none', status: String(status) });
    const find = () => seconds.with({ method, route: route.path, status: String(status) });
    if (route.method !== method) return find();
    const statuses = known.get(route) ?? new Map<number, HistogramSeries>();
    if (statuses.size === 0) known.set(route, statuses);
    const series = statuses.get(status) ?? find();
    if (!statuses.has(status)) statuses.set(status, series);
    return series;
  };
}

/** @param own what this application adds to all its answers */
export function observe(logger: Logger, metrics: Metrics, clock: Clock, own: Headers = {}): MiddlewareHandler<AppEnv> {
  const series = seriesOf(metrics);
  // No field of these lines is a secret, so none has to be looked for in each of them.
  const lines = logger.child({}, { redact: [] });
  return async (c, next) => {
    const requestId = uuidv7();
    c.set('requestId', requestId);
    c.set('own', own);
    const started = clock.monotonic();
    const route = routeOf(c);
    const { method, path } = c.req;
    await traced('http request', { 'http.request.method': method, 'sigec.request_id': requestId }, async (span) => {
      await next();
      span.setAttribute('http.response.status_code', c.res.status);
      if (route) span.updateName(`${route.method} ${route.path}`);
    });
    dress(c);
    const ms = clock.monotonic() - started;
    const { status } = c.res;
    series(c, route, status).observe(ms / 1000);
    const line = {
      method: method.slice(0, 20),
      path: shownPath(path).slice(0, MAX_PATH),
      status,
      ms: Math.round(ms),
      requestId,
    };
    if (QUIET.has(path) && status < 400) lines.debug(line, 'request');
    else lines.info(line, 'request');
  };
}
