/** Who an Authorization header speaks for, a person or a key of a machine, and what they may do. */
import type { Caller } from '../context.js';
import type { AccessTokens } from './access-token.js';
import { type ApiKeys, isApiKey } from './api-keys.js';
import { type Permission, ROLES } from './permissions.js';

/** What a caller may do: a person what their role says, a key what its scopes leave of that. */
export const permissionsHeld = ({ role, permissions }: Pick<Caller, 'role' | 'permissions'>): ReadonlySet<Permission> =>
  permissions ?? ROLES[role];

/** Whether grants can add to what somebody may do: staff have all that is in them, and keys have nothing of them. */
export const grantsAdd = ({ role, keyId }: Pick<Caller, 'role' | 'keyId'>): boolean =>
  role === 'user' && keyId === undefined;

export class Callers {
  readonly #tokens: AccessTokens;
  readonly #keys: ApiKeys;

  constructor(tokens: AccessTokens, keys: ApiKeys) {
    this.#tokens = tokens;
    this.#keys = keys;
  }

  /** Undefined where it holds neither a good token nor a good key. A promise only where it was not seen before. */
  of(header: string | undefined): Caller | undefined | Promise<Caller | undefined> {
    return header !== undefined && isApiKey(header)
      ? this.#keys.authenticate(header)
      : this.#tokens.authenticate(header);
  }
}
