/** The room of PostgreSQL's own small disk, which can be filled to the last byte. Only where one may be mounted. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TempDir, tempDir } from '@sigec/testkit';

export class Disk {
  readonly #ballast: string;
  #full = false;

  private constructor(private readonly folder: TempDir) {
    this.#ballast = join(folder.path, 'ballast');
  }

  get path(): string {
    return this.folder.path;
  }

  /** Mounts one in memory; null where this process may not. */
  static mount(megabytes: number): Disk | null {
    if (process.getuid?.() !== 0) return null;
    const folder = tempDir('disk');
    const options = `size=${megabytes}m,mode=0755`;
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder.path], { stdio: 'ignore' });
    if (status === 0) return new Disk(folder);
    folder.remove();
    return null;
  }

  get full(): boolean {
    return this.#full;
  }

  /** Takes all that is left. */
  fill(): void {
    this.#full = true;
    const file = openSync(this.#ballast, 'a');
    try {
      for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 4)) {
        const block = Buffer.alloc(size);
        try {
          while (writeSync(file, block) === size);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    this.#full = false;
    rmSync(this.#ballast, { force: true });
  }

  /** After the server on it has ended. */
  unmount(): void {
    spawnSync('umount', ['-l', this.folder.path], { stdio: 'ignore' });
    this.folder.remove();
  }
}
