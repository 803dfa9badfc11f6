/** The room of what a station knows of tokens without asking: the local list (1.6 3.5.2, 2.x D01) and the cache (C10). */
import { isObject, type JsonObject, read } from './json.js';

/** LocalAuthListMaxLength of this station. */
export const MAX_LIST = 500;
const MAX_CACHE = 500;

export class Tokens {
  #version = 0;
  #list = new Map<string, string>();
  readonly #cache = new Map<string, string>();

  get listVersion(): number {
    return this.#version;
  }

  get listSize(): number {
    return this.#list.size;
  }

  /** SendLocalList; reads 1.6 entries (`idTag`, `idTagInfo`) and 2.x entries (`idToken`, `idTokenInfo`). */
  update(payload: JsonObject): 'Accepted' | 'Failed' | 'VersionMismatch' {
    const version = read.optInt(payload, 'versionNumber') ?? read.int(payload, 'listVersion');
    const full = read.word(payload, 'updateType', ['Full', 'Differential']) === 'Full';
    if (!full && version <= this.#version) return 'VersionMismatch';
    const next = full ? new Map<string, string>() : new Map(this.#list);
    for (const entry of read.objects(payload, 'localAuthorizationList')) {
      const token = isObject(entry.idToken) ? read.str(entry.idToken, 'idToken') : read.str(entry, 'idTag');
      const info = read.optObj(entry, 'idTokenInfo') ?? read.optObj(entry, 'idTagInfo');
      if (info === undefined) next.delete(token.toLowerCase());
      else next.set(token.toLowerCase(), read.str(info, 'status'));
    }
    if (next.size > MAX_LIST || version < 1) return 'Failed';
    this.#list = next;
    this.#version = version;
    return 'Accepted';
  }

  /** Remembers what the CSMS answered; the oldest entry makes room. */
  remember(token: string, status: string): void {
    const key = token.toLowerCase();
    this.#cache.delete(key);
    this.#cache.set(key, status);
    if (this.#cache.size > MAX_CACHE)
      for (const oldest of [...this.#cache.keys()].slice(0, 1)) this.#cache.delete(oldest);
  }

  clearCache(): void {
    this.#cache.clear();
  }

  /** The status known without asking; tokens are compared without regard to case. */
  lookUp(token: string): string | undefined {
    return this.#list.get(token.toLowerCase()) ?? this.#cache.get(token.toLowerCase());
  }
}
