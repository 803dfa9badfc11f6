/** The room of PostgreSQL's own small disk, which can be filled to the last byte. Only where one may be mounted. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TempDir, tempDir } from '@sigec/testkit';

const mounted = new Set<Disk>();
process.on('exit', () => {
  for (const disk of mounted) disk.unmount();
});

const BLAMED_MS = 30_000;

export class Disk {
  readonly #ballast: string;
  #fullUntil = Number.NEGATIVE_INFINITY;

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
    if (status !== 0) {
      folder.remove();
      return null;
    }
    const disk = new Disk(folder);
    mounted.add(disk);
    return disk;
  }

  /** It is full, or was a moment ago: who lives on it may still be dying of it. */
  get blamed(): boolean {
    return performance.now() < this.#fullUntil + BLAMED_MS;
  }

  /** Takes all that is left. */
  fill(): void {
    this.#fullUntil = Number.POSITIVE_INFINITY;
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
    if (this.#fullUntil > performance.now()) this.#fullUntil = performance.now();
    rmSync(this.#ballast, { force: true });
  }

  /** After the server on it has ended. */
  unmount(): void {
    mounted.delete(this);
    spawnSync('umount', ['-l', this.folder.path], { stdio: 'ignore' });
    this.folder.remove();
  }
}
