/** Lets through whom the rule of the route names. */
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { AppEnv } from '../context.js';
import { ProblemError } from '../problem.js';
import { type AccessTokens, bearerOf } from './access-token.js';
import { ROUTE_RULES } from './rules.js';

export function guard(tokens: AccessTokens): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    // Middleware stands under ALL; the first that does not is the route that will answer.
    const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
    if (route === undefined) return next();
    const key = `${route.method} ${route.path}`;
    const rule = Object.hasOwn(ROUTE_RULES, key) ? ROUTE_RULES[key] : undefined;
    if (rule === undefined) throw new ProblemError('forbidden');
    if (rule === 'public') return next();
    const token = bearerOf(c.req.header('authorization'));
    const claims = token === undefined ? undefined : await tokens.read(token);
    if (claims === undefined) throw new ProblemError('unauthorized');
    if (!rule.includes(claims.role)) throw new ProblemError('forbidden');
    c.set('actor', { userId: claims.userId, tenantId: claims.tenantId, role: claims.role });
    return next();
  };
}
