/** The room of what a station knows of tokens without asking: the local list (1.6 3.5.2, 2.x D01) and the cache (C10). */
import { isObject, type JsonObject, read } from './json.js';

/** LocalAuthListMaxLength of this station. */
export const MAX_LIST = 500;
const MAX_CACHE = 500;

/** What is known of a token. */
interface Known {
  readonly status: string;
  readonly group: string | undefined;
}

/** An idTagInfo (1.6) or an idTokenInfo (2.x), as far as a station lives by it. */
function knownFrom(info: JsonObject): Known {
  const group = isObject(info.groupIdToken)
    ? read.optStr(info.groupIdToken, 'idToken')
    : read.optStr(info, 'parentIdTag');
  return { status: read.str(info, 'status'), group: group?.toLowerCase() };
}

export class Tokens {
  #version = 0;
  #list = new Map<string, Known>();
  readonly #cache = new Map<string, Known>();

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
    const next = full ? new Map<string, Known>() : new Map(this.#list);
    for (const entry of read.objects(payload, 'localAuthorizationList')) {
      const token = isObject(entry.idToken) ? read.str(entry.idToken, 'idToken') : read.str(entry, 'idTag');
      const info = read.optObj(entry, 'idTokenInfo') ?? read.optObj(entry, 'idTagInfo');
      if (info === undefined) next.delete(token.toLowerCase());
      else next.set(token.toLowerCase(), knownFrom(info));
    }
    if (next.size > MAX_LIST || version < 1) return 'Failed';
    this.#list = next;
    this.#version = version;
    return 'Accepted';
  }

  /** Of a customer who wants to be forgotten; the local list is the CSMS's own. */
  forget(token: string): void {
    this.#cache.delete(token.toLowerCase());
  }

  /** Remembers what the CSMS answered, by its answer; the oldest entry makes room. */
  remember(token: string, answer: JsonObject): void {
    const info = isObject(answer.idTokenInfo) ? answer.idTokenInfo : answer.idTagInfo;
    if (!isObject(info)) return;
    const key = token.toLowerCase();
    this.#cache.delete(key);
    this.#cache.set(key, knownFrom(info));
    if (this.#cache.size > MAX_CACHE)
      for (const oldest of [...this.#cache.keys()].slice(0, 1)) this.#cache.delete(oldest);
  }

  clearCache(): void {
    this.#cache.clear();
  }

  /** The status known without asking; tokens are compared without regard to case. */
  lookUp(token: string): string | undefined {
    return this.#known(token)?.status;
  }

  /** The group of a token, in lower case, as far as it was told. */
  groupOf(token: string): string | undefined {
    return this.#known(token)?.group;
  }

  #known(token: string): Known | undefined {
    return this.#list.get(token.toLowerCase()) ?? this.#cache.get(token.toLowerCase());
  }
}
