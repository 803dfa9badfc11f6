/** Lets through whoever has the permission that the route asks for. */
import type { Context } from 'hono';
import type { AppEnv, Caller } from '../context.js';
import type { Route } from '../http/route.js';
import { ProblemError } from '../problem.js';
import { type Callers, permissionsHeld } from './callers.js';
import { ROUTE_RULES, type RouteRule } from './rules.js';

/** Puts the actor of a request into its context, or throws a {@link ProblemError}. Waits only where it has to. */
export type Guard = (c: Context<AppEnv>, route: Route) => undefined | Promise<undefined>;

function ruleOf({ method, path }: Route): RouteRule | undefined {
  const key = `${method} ${path}`;
  return Object.hasOwn(ROUTE_RULES, key) ? ROUTE_RULES[key] : undefined;
}

export function createGuard(callers: Callers): Guard {
  const rules = new Map<Route, RouteRule | undefined>();
  const admit = (c: Context<AppEnv>, rule: Exclude<RouteRule, 'public'>, caller: Caller | undefined): undefined => {
    if (caller === undefined) throw new ProblemError('unauthorized');
    if (rule !== 'anybody' && !permissionsHeld(caller).has(rule)) throw new ProblemError('forbidden');
    c.set('actor', caller);
  };
  return (c, route) => {
    if (!rules.has(route)) rules.set(route, ruleOf(route));
    const rule = rules.get(route);
    if (rule === undefined) throw new ProblemError('forbidden');
    if (rule === 'public') return undefined;
    const caller = callers.of(c.req.header('authorization'));
    return caller instanceof Promise ? caller.then((read) => admit(c, rule, read)) : admit(c, rule, caller);
  };
}
