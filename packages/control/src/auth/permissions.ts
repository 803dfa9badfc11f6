/**
 * What can be allowed, and the roles as sets of it. The page docs/permissions.md is made from these tables. A permission says
 * what may be done; whose things it reaches is said by the queries (`store/src/queries/scope.ts`).
 */
import type { UserRole } from '@sigec/store';
import type { Text } from '../problem.js';

const p = (pt: string, en: string): Text => ({ pt, en });

export const PERMISSIONS = {
  'account:own': p('Ver e mudar a própria conta', "See and change one's own account"),
  'account:second-factor': p('Usar um segundo fator', 'Use a second factor'),
  'api-keys:manage': p('Criar e revogar chaves de API', 'Make and revoke API keys'),
  'audit:read': p('Ver quem mudou o quê nas contas', 'See who changed what of accounts'),
  'users:manage': p('Administrar pessoas', 'Administer people'),
  'drivers:erase': p('Apagar os dados de um motorista a pedido dele', 'Forget a driver who asks for it'),
  'devices:read': p('Ver carregadores e o que contam', 'See chargers and what they tell'),
  'devices:write': p('Cadastrar e mudar carregadores', 'Register and change chargers'),
  'devices:command': p('Enviar comandos a carregadores', 'Send commands to chargers'),
  'devices:security': p('Senhas e certificados de carregadores', 'Passwords and certificates of chargers'),
  'devices:log': p('Mensagens OCPP, logs e dados de clientes', 'OCPP messages, logs, and data of customers'),
  'firmware:manage': p('Imagens de firmware', 'Images of firmware'),
  'security:read': p('Eventos de segurança', 'Security events'),
  'settlements:read': p('Pagamentos em terminais', 'Payments at terminals'),
  'tokens:manage': p('Cartões e contas que podem carregar', 'Cards and accounts that may charge'),
  'tokens:own': p('Ver, nomear e bloquear os próprios cartões', "See, name and block one's own cards"),
  'transactions:own': p('Ver as próprias recargas', "See one's own charging"),
  'transactions:read': p('Ver as recargas de todos', "See everybody's charging"),
  'transactions:control': p('Iniciar e parar recargas que pode ver', 'Start and stop the charging one can see'),
} as const satisfies Readonly<Record<string, Text>>;

export type Permission = keyof typeof PERMISSIONS;

/** What people do in person: no key of a machine is given it, or it could make itself more than it is. */
const IN_PERSON: ReadonlySet<Permission> = new Set([
  'account:own',
  'account:second-factor',
  'api-keys:manage',
  'audit:read',
  'drivers:erase',
  'users:manage',
]);

const EVERYBODY: readonly Permission[] = ['account:own', 'tokens:own', 'transactions:own', 'transactions:control'];

const STAFF: readonly Permission[] = [
  ...EVERYBODY,
  'account:second-factor',
  'api-keys:manage',
  'devices:read',
  'devices:write',
  'devices:command',
  'devices:security',
  'devices:log',
  'drivers:erase',
  'firmware:manage',
  'security:read',
  'settlements:read',
  'tokens:manage',
  'transactions:read',
];

/** The roles. `user` is a driver. */
export const ROLES: Readonly<Record<UserRole, ReadonlySet<Permission>>> = {
  admin: new Set([...STAFF, 'audit:read', 'users:manage']),
  operator: new Set(STAFF),
  user: new Set(EVERYBODY),
};

/** What a key of a machine can be given. */
export const SCOPES = (Object.keys(PERMISSIONS) as Permission[]).filter((name) => !IN_PERSON.has(name));

/** What a permission brings with it. */
const IMPLIED: Readonly<Partial<Record<Permission, readonly Permission[]>>> = {
  'transactions:read': ['transactions:own'],
};

/** What a key may do: what its scopes say, as far as the role of its maker goes now. */
export function permissionsOf(role: UserRole, scopes: readonly string[]): ReadonlySet<Permission> {
  const wanted = SCOPES.filter((name) => scopes.includes(name)).flatMap((name) => [name, ...(IMPLIED[name] ?? [])]);
  return new Set(wanted.filter((name) => ROLES[role].has(name)));
}

/** docs/permissions.md, without its head. */
export function permissionDocs(): string {
  const mark = (has: boolean): string => (has ? '✓' : '');
  const rows = Object.entries(PERMISSIONS).map(([key, { pt, en }]) => {
    const name = key as Permission;
    const roles = (['admin', 'operator', 'user'] as const).map((role) => mark(ROLES[role].has(name)));
    return `| \`${name}\` | ${pt} · ${en} | ${[...roles, mark(SCOPES.includes(name))].join(' | ')} |`;
  });
  return [
    '| permission | meaning | admin | operator | user | API key |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
