/** What a row of the table of configuration names holds, and what its default may depend on. */

/** The parts a process can play; `up` is all of them in one process. */
export type Role = 'up' | 'edge' | 'worker' | 'control' | 'migrate';

/** What a default may depend on. */
export interface DefaultContext {
  readonly role: Role;
  /** True where the log goes to a terminal. */
  readonly tty: boolean;
  /** The address listened on, already resolved. */
  readonly host: string;
}

type Kind =
  | 'string'
  | 'url'
  | 'origins'
  | 'networks'
  | 'email'
  | 'path'
  | 'token'
  | 'port'
  | 'int'
  | 'ratio'
  | 'switch'
  | 'choice';
type Default = string | number | boolean | undefined | ((context: DefaultContext) => string | undefined);

/** A row of {@link CONFIG_NAMES}. */
export interface ConfigRow {
  readonly name: string;
  readonly kind: Kind;
  /** Absent: the name is optional. */
  readonly default?: Default;
  /** How the docs say a default that is computed. */
  readonly defaultDoc?: string;
  /** Who reads it. */
  readonly roles: readonly Role[];
  /** Roles that do not start without it. */
  readonly required?: readonly Role[];
  /** Never printed, not even in part. */
  readonly secret: boolean;
  readonly doc: string;
  /** Bounds of an `int` or `ratio`. */
  readonly min?: number;
  readonly max?: number;
  /** Least length of a `string`. */
  readonly minLength?: number;
  /** What a `choice` may be. */
  readonly values?: readonly string[];
  /** What a `url` may begin with, without the colon. */
  readonly schemes?: readonly string[];
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
