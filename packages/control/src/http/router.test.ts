import { TrieRouter } from 'hono/router/trie-router';
import { expect, it } from 'vitest';
import { ROUTE_RULES } from '../auth/rules.js';
import { PathRouter } from './router.js';

/** Handlers with their parameters as values, whichever way a router gives those. */
function flat([handlers, stash]: ReturnType<PathRouter<string>['match']>) {
  return handlers.map(([handler, params]) => [
    handler,
    Object.fromEntries(Object.entries(params).map(([name, at]) => [name, stash ? stash[at as number] : at])),
  ]);
}

it('leads where the router for every set leads', () => {
  const [mine, every] = [new PathRouter<string>(), new TrieRouter<string>()];
  for (const key of ['ALL *', 'ALL /api/*', ...Object.keys(ROUTE_RULES)]) {
    const [method = '', path = ''] = key.split(' ');
    for (const router of [mine, every]) router.add(method, path, key);
  }
  const paths = Object.keys(ROUTE_RULES).map((key) => key.replace(/^\S+ /, '').replace(/:\w+/g, '42'));
  const odd = ['/', '//', '/api', '/api/v1/devices/', '/api/v1/devices/a%2Fb', '/api/v1/devices/nearby/x', '/docs/'];
  const deeper = paths.flatMap((path) => [`${path}/`, `${path}/x`, path.toUpperCase()]);
  for (const path of [...paths, ...odd, ...deeper])
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE'])
      expect(flat(mine.match(method, path)), `${method} ${path}`).toEqual(flat(every.match(method, path)));
});
