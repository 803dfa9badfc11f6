import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Permission, permissionDocs, permissionsOf, ROLES, SCOPES } from './permissions.js';
import { ROUTE_RULES } from './rules.js';

const PAGE = fileURLToPath(new URL('../../../../docs/permissions.md', import.meta.url));

const HEAD = `# Permissions

Who may do what: a role is a named set of permissions, a route asks for one of them, and a key of a machine is given some of them as
its scopes. What asks for \`anybody\` takes any of them, and shows each what they may see. A key does no more than its scopes say
and than the role of whoever made it allows at the time. What a permission reaches is the tenant's, and of a driver what is their
own. The tables are \`packages/control/src/auth/permissions.ts\` and \`rules.ts\`; this page is made from them.

## Roles and scopes

`;

/** What each route asks for, as the rules say. */
function routeDocs(): string {
  const rows = Object.entries(ROUTE_RULES).map(([key, rule]) => `| \`${key}\` | ${rule} |`);
  return ['\n## Routes\n', '| route | asks for |', '|---|---|', ...rows, ''].join('\n');
}

// `npx vitest run packages/control/src/auth/permissions.test.ts -u` writes the page anew.
it('docs/permissions.md says what the code does', async () => {
  await expect(HEAD + permissionDocs() + routeDocs()).toMatchFileSnapshot(PAGE);
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
