/** Who issues certificates for stations here: the one that is configured. */
import type { Circuits } from '@sigec/runtime';
import type { Database } from '@sigec/store';
import { type AuthorityFiles, BuiltInAuthority } from './built-in.js';
import { CA_CIRCUIT, ExternalAuthority, type ExternalSettings } from './external.js';
import type { CertificateAuthority } from './port.js';

export interface AuthoritySettings {
  /** An authority that is asked over HTTP. */
  readonly external?: ExternalSettings | undefined;
  /** An authority of the operator's own, as files. */
  readonly files?: AuthorityFiles | undefined;
  /** How long certificates hold, days. Default 365. */
  readonly days?: number | undefined;
}

/** Who issues here. */
export class Authorities {
  readonly #external: ExternalAuthority | undefined;
  readonly #make: () => Promise<BuiltInAuthority>;
  #own: Promise<BuiltInAuthority> | undefined;

  /** @param circuits of the process; without them an authority elsewhere is asked however often it failed */
  constructor(
    db: Database,
    secret: string,
    { external, files, days = 365 }: AuthoritySettings = {},
    circuits?: Circuits,
  ) {
    this.#external =
      external && new ExternalAuthority(external, days, circuits?.of('certificate-authority', CA_CIRCUIT));
    this.#make = () =>
      files === undefined ? BuiltInAuthority.ofDatabase(db, secret, days) : BuiltInAuthority.ofFiles(files, days);
  }

  async issuer(): Promise<CertificateAuthority> {
    return this.#external ?? this.#kept();
  }

  /** The one that this installation keeps; undefined where another is asked. Made at its first use. */
  async builtIn(): Promise<BuiltInAuthority | undefined> {
    return this.#external === undefined ? this.#kept() : undefined;
  }

  async #kept(): Promise<BuiltInAuthority> {
    this.#own ??= this.#make();
    try {
      return await this.#own;
    } catch (error) {
      // A file that is put right, a database that is back: the next one may have more luck.
      this.#own = undefined;
      throw error;
    }
  }
}
