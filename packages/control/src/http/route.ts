/** The route that a request leads to. */
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { RouterRoute } from 'hono/types';

export type Route = RouterRoute;

/**
 * Undefined where it leads nowhere. Middleware stands under ALL; the first that does not is the one that answers. It is
 * the same object each time, so that what belongs to a route can be kept by it.
 */
export function routeOf(c: Context): Route | undefined {
  return matchedRoutes(c).find(({ method }) => method !== 'ALL');
}
