/**
 * The contract, generated from the OpenAPI document and kept against servers on ports: each operation is called well and
 * badly, with chargers that obey, refuse, fail and are silent, at a server that is limited and at one that is cut off.
 * Every answer has to be documented as it is, and every documented status has to be seen. What a good call is stands in the
 * table of routes (`testing/routes/rows.ts`); what has to have happened before, in {@link RECIPES}.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES } from '../../auth/permissions.js';
import { ROUTE_RULES } from '../../auth/rules.js';
import type { Harness } from '../harness.js';
import { type Document, type Operation, operationsOf } from './operations.js';
import { RECIPES } from './recipes.js';
import { askToUpgrade, cutOff, limited, type Mood, type Running, type Station, whole, withStations } from './stage.js';
import { Watch } from './watch.js';
import { nowhere, openObjects, type Variant, wrongRequests } from './wrong.js';

/** What a row's seeds made, by name; `id` is a station of OCPP 1.6. */
export type Ids = Readonly<Record<string, string>>;

/** A good call of a route. */
export interface Call {
  readonly path: string;
  readonly body?: (ids: Ids) => unknown;
}

export interface World {
  readonly h: Harness;
  readonly ids: Ids;
  /** Makes another of what a row's path names. */
  seed(name: string): Promise<string>;
}

type Who = 'admin' | 'user' | 'key' | 'nobody';
interface Asked extends Partial<Variant> {
  readonly as?: Who;
  readonly ids?: Ids;
  readonly at?: Running;
}

/** Text goes as it is. */
const written = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

/** Requests on their way at once. */
const WIDE = 8;

export interface Asking extends World {
  /** Asks an operation, and holds the answer against the document. */
  ask(key: string, asked?: Asked): Promise<{ readonly status: number; readonly json: Record<string, unknown> }>;
  /** Asks the server to make a connection something else, and looks at what it says to that. */
  upgrade(key: string, asked: Pick<Asked, 'query' | 'at' | 'expect'>): Promise<void>;
}

export function contractSuite(rows: Readonly<Record<string, Call>>, begin: () => Promise<World>): void {
  describe('what the OpenAPI document promises', () => {
    let world: World;
    let h: Harness;
    let ids: Ids;
    let document: Document;
    let operations: Operation[];
    let watch: Watch;
    let server: Running;
    let key = '';
    /** One of each version. */
    const stations: Station[] = [];

    beforeAll(async () => {
      world = await begin();
      ({ h, ids } = world);
      server = await whole(h);
      document = (await (await fetch(`${server.base}/openapi.json`)).json()) as Document;
      operations = operationsOf(document);
      watch = new Watch(document);
      stations.push({ identity: 'RULES', id: ids.id ?? '' });
      for (const version of ['ocpp2.0.1', 'ocpp2.1'])
        stations.push({ identity: `RULES ${version}`, id: await h.station(`RULES ${version}`, version) });
      const useless = { name: 'useless', scopes: ['settlements:read'] };
      key = String((await h.call('POST', '/api/v1/api-keys', { as: 'admin', body: useless })).json.key);
    });
    afterAll(async () => {
      await server.close();
      await h.close();
    });

    const rowOf = (operation: Operation): Call => {
      const row = rows[operation.key];
      if (row !== undefined) return row;
      if (operation.special) return { path: operation.key.split(' ')[1] ?? '', body: () => ({}) };
      throw new Error(`${operation.key} has no row in the table of routes`);
    };

    /** The address of a good call, but for what a variant says otherwise. */
    const addressOf = (operation: Operation, of: Ids, { as = 'admin', path = {}, query = {} }: Asked): string => {
      const [good = '', search = ''] = rowOf(operation).path.split('?');
      const names = (operation.key.split(' ')[1] ?? '').split('/');
      const seeded = (name: string) => of[`${name}_of_${as}`] ?? of[name] ?? `no-seed-${name}`;
      const at = good.split('/').map((part, i) => {
        const otherwise = path[names[i]?.slice(1) ?? ''];
        if (otherwise !== undefined) return encodeURIComponent(otherwise);
        return part.startsWith(':') ? seeded(part.slice(1)) : part;
      });
      const asked = new URLSearchParams(search.replace(/:(\w+)/g, (_, name: string) => seeded(name)));
      for (const [name, value] of Object.entries(query)) {
        if (value === '') asked.delete(name);
        else asked.set(name, value);
      }
      return `${at.join('/')}${asked.size > 0 ? `?${asked}` : ''}`;
    };

    /** Of routes that nobody has to log in for the table says nothing: the document's own example is good. */
    const goodBody = (operation: Operation, of: Ids): unknown =>
      operation.secured !== 'yes' && operation.body?.example !== undefined
        ? operation.body.example
        : rowOf(operation).body?.(of);

    const tokenOf = (who: Who): string | undefined => {
      if (who === 'nobody') return undefined;
      return who === 'key' ? key : h.tokens[who];
    };

    /** Sends, looks, and gives back what came. */
    const send = async (operation: Operation, asked: Asked) => {
      const { as = 'admin', ids: of = ids, at = server, said = 'as it should', headers = {} } = asked;
      const given = 'body' in asked ? asked.body : goodBody(operation, of);
      const body = operation.method === 'GET' || given === undefined ? undefined : given;
      const token = operation.secured === 'no' ? undefined : tokenOf(as);
      const type = operation.body?.type ?? 'application/json';
      const response = await fetch(`${at.base}${addressOf(operation, of, asked)}`, {
        method: operation.method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': type }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: written(body) }),
      });
      const text = await response.text();
      const { status } = response;
      watch.see(operation, said, { status, headers: response.headers, text });
      if (asked.expect !== undefined && status !== asked.expect)
        watch.complain(`${operation.key} ${said}: ${status} and not ${asked.expect} ${text.slice(0, 300)}`);
      return { status, json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {} };
    };

    const ask: Asking['ask'] = (wanted, asked = {}) => {
      const operation = operations.find((one) => one.key === wanted);
      if (operation === undefined) throw new Error(`the document has no ${wanted}`);
      return send(operation, asked);
    };

    const upgrade: Asking['upgrade'] = async (wanted, { query = {}, at = server, expect: status }) => {
      const operation = operations.find((one) => one.key === wanted);
      if (operation === undefined) throw new Error(`the document has no ${wanted}`);
      const said = await askToUpgrade(`${at.base}${addressOf(operation, ids, { query })}`);
      watch.see(operation, 'as an upgrade', said);
      if (said.status !== status) watch.complain(`${wanted} as an upgrade: ${said.status} and not ${status}`);
    };

    const each = async (some: readonly (readonly [Operation, Asked])[]): Promise<void> => {
      const left = [...some];
      await Promise.all(
        Array.from({ length: WIDE }, async () => {
          for (let next = left.shift(); next !== undefined; next = left.shift()) await send(...next);
        }),
      );
    };
    const plain = () => operations.filter(({ special }) => !special);
    const commands = () =>
      plain().filter(({ responses }) => responses[502] !== undefined && responses[504] !== undefined);

    /** The least that a charger may be waited for, where that can be said. */
    const brief = ({ parameters }: Operation): Record<string, string> =>
      parameters.some(({ name }) => name === 'timeout') ? { timeout: '1' } : {};

    /** What was wrong since the last look. */
    const nothingWrong = () => expect(watch.complaints.splice(0)).toEqual([]);

    it('gives every operation a summary, examples that its own schemas take, and bodies that know their members', () => {
      const wrong: string[] = [];
      for (const { key: name, path, method, summary, body, responses, special } of operations) {
        if (summary === undefined || summary === '') wrong.push(`${name} has no summary`);
        const place = ['paths', path, method.toLowerCase()];
        if (body?.type === 'application/json' && !special) {
          for (const open of openObjects(document, body.schema))
            wrong.push(`${name} takes anything in its body${open}`);
          if (body.example === undefined) wrong.push(`${name} has no example of its body`);
          else {
            const found = watch.check([...place, 'requestBody', 'content', body.type, 'schema'], body.example, true);
            if (found !== '') wrong.push(`${name} body: ${found}`);
          }
        }
        for (const [status, { content }] of Object.entries(responses)) {
          const { schema, example } = content?.['application/json'] ?? {};
          if (schema === undefined || special) continue;
          if (example === undefined) wrong.push(`${name} ${status} has no example`);
          else {
            const where = [...place, 'responses', status, 'content', 'application/json', 'schema'];
            const found = watch.check(where, example, true);
            if (found !== '') wrong.push(`${name} ${status}: ${found}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    });

    it('is so for good calls, of chargers of each version', async () => {
      await withStations(h, stations, 'obeys', async () => {
        for (const operation of plain()) {
          const all = commands().includes(operation) ? stations : stations.slice(0, 1);
          for (const { id } of all) await send(operation, { ids: { ...ids, id } });
        }
      });
      nothingWrong();
    });

    it('is so for those who may not', async () => {
      const asked = operations.filter(({ secured }) => secured !== 'no');
      await each(
        asked
          .filter(({ secured }) => secured === 'yes')
          .map((one) => [one, { said: 'by nobody', as: 'nobody', expect: 401 }]),
      );
      await each(
        asked
          .filter(({ responses }) => responses[403] !== undefined)
          .map((one) => {
            const rule =
              ROUTE_RULES[
                one.special
                  ? one.key.replace(/(commands)\/\w+$/, '$1/:action').replace(/(actions)\/[\w-]+$/, '$1/:verb')
                  : one.key
              ];
            const as =
              rule === 'anybody' || (rule !== undefined && rule !== 'public' && ROLES.user.has(rule)) ? 'key' : 'user';
            return [one, { said: `by a ${as} who may not`, as, expect: 403 }];
          }),
      );
      nothingWrong();
    });

    it('is so for what is not there', async () => {
      const some = operations.filter(
        ({ responses, parameters }) => responses[404] && parameters.some(({ in: place }) => place === 'path'),
      );
      await each(
        some.map((one) => {
          const away = Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, nowhere(id)]));
          return [one, { said: 'of what is not there', ids: away, expect: 404 }];
        }),
      );
      nothingWrong();
    });

    it('is so for requests that are wrong in one thing', async () => {
      await each(
        plain().flatMap((one) =>
          wrongRequests(document, one, goodBody(one, ids)).map((variant) => [one, variant] as const),
        ),
      );
      // Of each message and verb: a member that no schema has, of a station of a version that has the message.
      await each(
        operations
          .filter(({ special }) => special)
          .map((one) => {
            const schema = one.body === undefined ? '' : JSON.stringify(one.body.schema);
            const version = /ocpp1\.6\./.test(schema)
              ? 0
              : /ocpp2\.0\.1\./.test(schema)
                ? 1
                : /ocpp2\.1\./.test(schema)
                  ? 2
                  : 0;
            const wrong = { said: 'with a wrong member', expect: 422, body: { no_such_member: 1 } };
            return [one, { ...wrong, ids: { ...ids, id: stations[version]?.id ?? '' } }] as const;
          }),
      );
      nothingWrong();
    });

    it('is so for keys of requests that are sent again', async () => {
      const repeatable = plain().filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'));
      const note = (name: string, print: Uint8Array) =>
        h.db.query(
          `insert into idempotency_key (tenant_id, user_id, key, fingerprint, created_at)
           values (1, $1::uuid, $2, $3::bytea, now() - interval '10 minutes')`,
          [h.userIds.admin, name, print],
        );
      const asked: [Operation, Asked][] = [];
      for (const [n, operation] of repeatable.entries()) {
        const given = goodBody(operation, ids);
        const body = given === undefined ? {} : { body: given };
        const text = given === undefined ? '' : written(given);
        const print = JSON.stringify([operation.method, addressOf(operation, ids, {}), text]);
        await note(`lost-${n}`, createHash('sha256').update(print).digest());
        await note(`other-${n}`, new Uint8Array(32));
        const key = (name: string) => ({ headers: { 'idempotency-key': `${name}-${n}` }, ...body });
        asked.push([operation, { said: 'with a key of another', ...key('other'), expect: 422 }]);
        asked.push([operation, { said: 'with a key that was lost', ...key('lost'), expect: 409 }]);
      }
      await each(asked);
      nothingWrong();
    });

    it('is so for chargers that are away, refuse, fail, and say nothing', async () => {
      const all = (said: string, query: Record<string, string> = {}) =>
        each(
          commands().flatMap((one) => stations.map(({ id }) => [one, { said, query, ids: { ...ids, id } }] as const)),
        );
      await all('of a charger that is away');
      for (const mood of ['refuses', 'fails'] satisfies Mood[])
        await withStations(h, stations, mood, () => all(`of a charger that ${mood}`));
      await withStations(h, stations, 'silent', async () => {
        await Promise.all(
          commands().flatMap((one) =>
            stations.map(({ id }) =>
              send(one, { said: 'of a silent charger', query: brief(one), ids: { ...ids, id } }),
            ),
          ),
        );
      });
      nothingWrong();
    });

    it('is so where the limit is reached', async () => {
      const at = await limited(h);
      await each(
        plain()
          .filter(({ responses }) => responses[429])
          .map((one) => [one, { said: 'too often', at }]),
      );
      await at.close();
      nothingWrong();
    });

    it('is so where database and cache are away', async () => {
      const at = await cutOff(h);
      await ask('GET /api/v1/me', { at });
      at.cut();
      await each(
        plain()
          .filter(({ responses }) => responses[503])
          .map((one) => [one, { said: 'while all is away', at }]),
      );
      await at.close();
      nothingWrong();
    });

    it('is so for what has to have happened before', async () => {
      const kitchen = { h, ids, seed: (name: string) => world.seed(name), ask, upgrade, stations };
      for (const [name, recipe] of Object.entries(RECIPES)) {
        await recipe(kitchen).catch((error: unknown) => {
          watch.complain(`recipe "${name}": ${String(error)}`);
        });
      }
      nothingWrong();
    });

    it('leaves no documented status unseen', () => {
      expect(watch.unseen(plain())).toEqual([]);
    });
  });
}
