/** What this machine's openssl says: a program that this project did not write. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class OpenSsl {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sigec-openssl-'));

  path(name: string): string {
    return join(this.#folder, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  run(...args: string[]): string {
    return execFileSync('openssl', args, { cwd: this.#folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** A certificate request; its key is in the file `key`. */
  request(commonName: string, key: readonly string[] = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']): string {
    const subject = `/O=Rede/CN=${commonName}`;
    this.run('req', '-new', '-newkey', ...key, '-nodes', '-batch', '-keyout', 'key', '-out', 'csr', '-subj', subject);
    return readFileSync(this.path('csr'), 'utf8');
  }

  /** Whether a chain was issued by an authority, for a client of TLS. */
  verifies(chain: string, authority: string): boolean {
    this.write('leaf', chain);
    this.write('ca', authority);
    const told = this.run('verify', '-purpose', 'sslclient', '-CAfile', 'ca', '-untrusted', 'leaf', 'leaf');
    return /^leaf: OK$/m.test(told);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
