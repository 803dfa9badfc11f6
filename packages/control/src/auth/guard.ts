/** Lets through whoever has the permission that the route asks for, by role, scope, or grant. */
import { type Database, heldGrants, reachOf } from '@sigec/store';
import type { Context } from 'hono';
import type { AppEnv, Caller } from '../context.js';
import type { Route } from '../http/route.js';
import { ProblemError } from '../problem.js';
import { type Callers, grantsAdd, permissionsHeld } from './callers.js';
import { BESIDE_OWN, isGrantable, type Permission, setHolds } from './permissions.js';
import { OF_THE_NETWORK, ROUTE_RULES, type RouteRule } from './rules.js';

/** Puts the actor of a request into its context, or throws a {@link ProblemError}. Waits only where it has to. */
export type Guard = (c: Context<AppEnv>, route: Route) => undefined | Promise<undefined>;

/** What is asked for at a route. */
interface Demand {
  readonly rule: Exclude<RouteRule, 'public'>;
  /** What a grant has to hold to let somebody in whose role does not. */
  readonly grantable: Permission | undefined;
}

function demandOf({ method, path }: Route): Demand | 'public' | undefined {
  const key = `${method} ${path}`;
  const rule = Object.hasOwn(ROUTE_RULES, key) ? ROUTE_RULES[key] : undefined;
  if (rule === undefined || rule === 'public') return rule;
  return { rule, grantable: rule !== 'anybody' && isGrantable(rule) && !OF_THE_NETWORK.has(key) ? rule : undefined };
}

export function createGuard(callers: Callers): Guard {
  const demands = new Map<Route, ReturnType<typeof demandOf>>();
  const admit = (c: Context<AppEnv>, { rule, grantable }: Demand, caller: Caller | undefined): undefined => {
    if (caller === undefined) throw new ProblemError('unauthorized');
    if (rule !== 'anybody') {
      const allowed = permissionsHeld(caller);
      const has = allowed.has(rule);
      const more = allowed.has('transactions:read') ? undefined : BESIDE_OWN[rule];
      const wanted = grantsAdd(caller) ? (has ? more : grantable) : undefined;
      if (!has && wanted === undefined) throw new ProblemError('forbidden');
      // Looked up when the request was counted: it costs a statement.
      if (wanted !== undefined) c.set('wanted', { permission: wanted, beside: has });
    }
    c.set('actor', caller);
  };
  return (c, route) => {
    if (!demands.has(route)) demands.set(route, demandOf(route));
    const demand = demands.get(route);
    if (demand === undefined) throw new ProblemError('forbidden');
    if (demand === 'public') return undefined;
    const caller = callers.of(c.req.header('authorization'));
    return caller instanceof Promise ? caller.then((read) => admit(c, demand, read)) : admit(c, demand, caller);
  };
}

/**
 * How far the grants of whoever asks lead, as they are now: with the next request one that was given holds, and one that was
 * taken back is over.
 * Undefined where there is nothing to look up.
 */
export function reachOut(c: Context<AppEnv>, db: Database): undefined | Promise<void> {
  const wanted = c.get('wanted');
  if (wanted === undefined) return undefined;
  const caller = c.get('actor');
  return heldGrants(db, caller).then((held) => {
    const reach = reachOf(held.filter(({ set }) => setHolds(set, wanted.permission)));
    if (reach !== undefined) c.set('actor', { ...caller, ...(wanted.beside ? { beside: reach } : { reach }) });
    else if (!wanted.beside) throw new ProblemError('forbidden');
  });
}
