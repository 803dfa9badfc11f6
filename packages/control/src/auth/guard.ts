/** Lets through whom the rule of the route names. */
import type { Context } from 'hono';
import type { AppEnv } from '../context.js';
import type { Route } from '../http/route.js';
import { ProblemError } from '../problem.js';
import type { AccessClaims, AccessTokens } from './access-token.js';
import { ROUTE_RULES, type RouteRule } from './rules.js';

/** Puts the actor of a request into its context, or throws a {@link ProblemError}. Waits only where it has to. */
export type Guard = (c: Context<AppEnv>, route: Route) => undefined | Promise<undefined>;

function ruleOf({ method, path }: Route): RouteRule | undefined {
  const key = `${method} ${path}`;
  return Object.hasOwn(ROUTE_RULES, key) ? ROUTE_RULES[key] : undefined;
}

export function createGuard(tokens: AccessTokens): Guard {
  const rules = new Map<Route, RouteRule | undefined>();
  const admit = (c: Context<AppEnv>, rule: readonly string[], claims: AccessClaims | undefined): undefined => {
    if (claims === undefined) throw new ProblemError('unauthorized');
    if (!rule.includes(claims.role)) throw new ProblemError('forbidden');
    c.set('actor', claims);
  };
  return (c, route) => {
    if (!rules.has(route)) rules.set(route, ruleOf(route));
    const rule = rules.get(route);
    if (rule === undefined) throw new ProblemError('forbidden');
    if (rule === 'public') return undefined;
    const claims = tokens.authenticate(c.req.header('authorization'));
    return claims instanceof Promise ? claims.then((read) => admit(c, rule, read)) : admit(c, rule, claims);
  };
}
