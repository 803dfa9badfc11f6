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
  'alarms:read': p('Ver alarmes e suas regras', 'See alarms and their rules'),
  'alarms:manage': p('Tratar alarmes e mudar suas regras', 'Deal with alarms, and change their rules'),
  'api-keys:manage': p('Criar e revogar chaves de API', 'Make and revoke API keys'),
  'audit:read': p('Ver quem mudou o quê nas contas', 'See who changed what of accounts'),
  'users:manage': p('Administrar pessoas', 'Administer people'),
  'drivers:erase': p('Apagar os dados de um motorista a pedido dele', 'Forget a driver who asks for it'),
  'devices:read': p('Ver carregadores e o que contam', 'See chargers and what they tell'),
  'devices:write': p('Cadastrar e mudar carregadores', 'Register and change chargers'),
  'devices:command': p('Enviar comandos a carregadores', 'Send commands to chargers'),
  'devices:security': p('Senhas e certificados de carregadores', 'Passwords and certificates of chargers'),
  'devices:log': p('Mensagens OCPP, logs e dados de clientes', 'OCPP messages, logs, and data of customers'),
  'devices:nearby': p('Ver carregadores por perto', 'See chargers around a place'),
  'sites:manage': p('Administrar locais e grupos', 'Administer sites and groups'),
  'firmware:manage': p('Imagens de firmware', 'Images of firmware'),
  'security:read': p('Eventos de segurança', 'Security events'),
  'prices:read': p('Ver quanto custa carregar', 'See what charging costs'),
  'tariffs:read': p('Ver tarifas', 'See tariffs'),
  'tariffs:manage': p('Criar, mudar e atribuir tarifas', 'Make, change and assign tariffs'),
  'settlements:read': p('Pagamentos em terminais', 'Payments at terminals'),
  'tokens:manage': p('Cartões e contas que podem carregar', 'Cards and accounts that may charge'),
  'webhooks:manage': p('Criar e mudar webhooks', 'Make and change webhooks'),
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

const EVERYBODY: readonly Permission[] = [
  'account:own',
  'devices:nearby',
  'prices:read',
  'tokens:own',
  'transactions:own',
  'transactions:control',
];

const STAFF: readonly Permission[] = [
  ...EVERYBODY,
  'account:second-factor',
  'alarms:read',
  'alarms:manage',
  'api-keys:manage',
  'devices:read',
  'devices:write',
  'devices:command',
  'devices:security',
  'devices:log',
  'sites:manage',
  'drivers:erase',
  'firmware:manage',
  'security:read',
  'settlements:read',
  'tariffs:read',
  'tariffs:manage',
  'tokens:manage',
  'transactions:read',
  'webhooks:manage',
];

/** The roles. `user` is a driver. */
export const ROLES: Readonly<Record<UserRole, ReadonlySet<Permission>>> = {
  admin: new Set([...STAFF, 'audit:read', 'users:manage']),
  operator: new Set(STAFF),
  user: new Set(EVERYBODY),
};

const VIEWER: readonly Permission[] = ['alarms:read', 'devices:read', 'transactions:read'];
const ATTENDANT: readonly Permission[] = [...VIEWER, 'alarms:manage', 'devices:command', 'transactions:control'];

/**
 * What a grant gives at a site or at a group of stations, beside what the role gives everywhere. Only what has to do with
 * stations can be in it; each holds what the one before holds.
 */
export const GRANT_SETS = {
  viewer: new Set<Permission>(VIEWER),
  attendant: new Set<Permission>(ATTENDANT),
  manager: new Set<Permission>([
    ...ATTENDANT,
    'devices:log',
    'devices:security',
    'devices:write',
    'security:read',
    'settlements:read',
  ]),
} as const satisfies Readonly<Record<string, ReadonlySet<Permission>>>;

export type GrantSet = keyof typeof GRANT_SETS;
export const GRANT_SET_NAMES = Object.keys(GRANT_SETS) as [GrantSet, ...GrantSet[]];

/** Whether a set of this name holds a permission: one that an older or newer process knew holds none. */
export const setHolds = (set: string, permission: Permission): boolean =>
  Object.hasOwn(GRANT_SETS, set) && GRANT_SETS[set as GrantSet].has(permission);

/** Whether any grant gives it. */
export const isGrantable = (permission: Permission): boolean => GRANT_SETS.manager.has(permission);

/** What reaches further than what drivers see, where a grant gives it: others' charging, prices of what is not published. */
export const BESIDE_OWN: Readonly<Partial<Record<Permission, Permission>>> = {
  'prices:read': 'devices:read',
  'transactions:own': 'transactions:read',
  'transactions:control': 'transactions:control',
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

const mark = (has: boolean): string => (has ? '✓' : '');

/** The table of sets in docs/permissions.md. */
export function grantDocs(): string {
  const rows = (Object.keys(PERMISSIONS) as Permission[]).filter(isGrantable).map((name) => {
    const { pt, en } = PERMISSIONS[name];
    return `| \`${name}\` | ${pt} · ${en} | ${GRANT_SET_NAMES.map((set) => mark(setHolds(set, name))).join(' | ')} |`;
  });
  return [`| permission | meaning | ${GRANT_SET_NAMES.join(' | ')} |`, '|---|---|---|---|---|', ...rows, ''].join('\n');
}

/** The table of roles and scopes in docs/permissions.md. */
export function permissionDocs(): string {
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
