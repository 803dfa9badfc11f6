import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  BESIDE_OWN,
  GRANT_SET_NAMES,
  GRANT_SETS,
  grantDocs,
  isGrantable,
  type Permission,
  permissionDocs,
  permissionsOf,
  ROLES,
  SCOPES,
  setHolds,
} from './permissions.js';
import { OF_THE_NETWORK, ROUTE_RULES } from './rules.js';

const PAGE = fileURLToPath(new URL('../../../../docs/permissions.md', import.meta.url));

const HEAD = `# Permissions

Who may do what: a role is a named set of permissions, a route asks for one of them, and a key of a machine is given some of them as
its scopes. What asks for \`anybody\` takes any of them, and shows each what they may see. A key does no more than its scopes say
and than the role of whoever made it allows at the time. What a permission reaches is the tenant's, and of a driver what is their
own. A grant adds to a person's role a named set of permissions at one site, or at the stations of one group; a key has nothing of
the grants of whoever made it. The tables are \`packages/control/src/auth/permissions.ts\` and \`rules.ts\`; this page is made from them.

## Roles and scopes

`;

const GRANTS = `
## Grants

At the site or the stations of the group where it holds. A driver with a grant goes on doing everywhere what drivers do, and sees and
ends others' charging where a set says so. At a route that a grant opens there is nothing but these stations: another is not found,
lists leave it out, and what would reach further is refused with 403 \`forbidden\`.

`;

/** What each route asks for, as the rules say. */
function routeDocs(): string {
  const rows = Object.entries(ROUTE_RULES).map(
    ([key, rule]) => `| \`${key}\` | ${rule}${OF_THE_NETWORK.has(key) ? ', by role or scope alone' : ''} |`,
  );
  return ['\n## Routes\n', '| route | asks for |', '|---|---|', ...rows, ''].join('\n');
}

// `npx vitest run packages/control/src/auth/permissions.test.ts -u` writes the page anew.
it('docs/permissions.md says what the code does', async () => {
  await expect(HEAD + permissionDocs() + GRANTS + grantDocs() + routeDocs()).toMatchFileSnapshot(PAGE);
});

describe('sets of grants', () => {
  it('hold each what the one before holds, and nothing that is not about stations', () => {
    const sets = GRANT_SET_NAMES.map((name) => [...GRANT_SETS[name]]);
    for (const [i, names] of sets.entries())
      for (const name of names) for (const set of sets.slice(i)) expect(set, name).toContain(name);
    // All of them are staff's, and none has to do with people, money, cards or what holds for the whole network.
    for (const name of GRANT_SETS.manager) {
      expect(ROLES.operator.has(name), name).toBe(true);
      expect(name).not.toMatch(/^(account|api-keys|audit|drivers|firmware|sites|tariffs|tokens|users|webhooks):/);
    }
    expect(isGrantable('devices:read')).toBe(true);
    expect(isGrantable('users:manage')).toBe(false);
  });

  it('of a name that nobody knows hold nothing', () => {
    for (const set of ['nonsense', 'toString', '__proto__', '']) expect(setHolds(set, 'devices:read'), set).toBe(false);
  });

  it('reach others beside what drivers may of their own', () => {
    for (const [own, more] of Object.entries(BESIDE_OWN)) {
      expect(ROLES.user.has(own as Permission), own).toBe(true);
      expect(isGrantable(more), more).toBe(true);
    }
  });

  it('open no route that holds for the whole network', () => {
    for (const key of OF_THE_NETWORK) expect(isGrantable(ROUTE_RULES[key] as Permission), key).toBe(true);
  });
});

describe('permissions', () => {
  it('are all asked for by some route, but the one that says how far the others reach', () => {
    const asked = new Set<string>(Object.values(ROUTE_RULES));
    expect([...ROLES.admin].filter((name) => !asked.has(name))).toEqual(['transactions:read']);
  });

  it('of a role hold those of the role below', () => {
    for (const name of ROLES.user) expect(ROLES.operator.has(name), name).toBe(true);
    for (const name of ROLES.operator) expect(ROLES.admin.has(name), name).toBe(true);
  });

  it('of a key are no more than its scopes, and no more than the role of its maker', () => {
    expect([...permissionsOf('admin', ['devices:read'])]).toEqual(['devices:read']);
    expect([...permissionsOf('user', ['devices:read', 'transactions:own'])]).toEqual(['transactions:own']);
    expect([...permissionsOf('operator', ['transactions:read'])].sort()).toEqual([
      'transactions:own',
      'transactions:read',
    ]);
    expect([...permissionsOf('admin', ['nonsense', 'toString'])]).toEqual([]);
    // Nothing by which a key could make itself more than it is.
    const own: readonly Permission[] = ['account:own', 'account:second-factor', 'api-keys:manage', 'users:manage'];
    for (const name of own) {
      expect(SCOPES.includes(name), name).toBe(false);
      expect(permissionsOf('admin', [name]).size, name).toBe(0);
    }
  });
});
