/** Where the real servers are installed on this machine, if they are. */
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export type RealServerName = 'nats' | 'redis' | 'postgres';

export interface RealServers {
  readonly nats: boolean;
  readonly redis: boolean;
  readonly postgres: boolean;
  /** Names of those that are not installed. */
  readonly missing: readonly RealServerName[];
}

/** The path of a program, or undefined. Servers often live in folders that are only in the administrator's PATH. */
export function findProgram(program: string): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/bin',
  ];
  for (const folder of folders) {
    if (folder === '') continue;
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/** The folder that holds `postgres` and `initdb`, of the newest version. */
export function findPostgres(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const inPath = findProgram('postgres');
  const folders = [
    ...(inPath ? [dirname(realpathSync(inPath))] : []),
    ...versions.map((version) => join(root, version, 'bin')),
  ];
  return folders.find((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')));
}

/** Which real servers this machine can start. */
export function realServers(): RealServers {
  const found = {
    nats: findProgram('nats-server') !== undefined,
    redis: findProgram('redis-server') !== undefined,
    postgres: findPostgres() !== undefined,
  };
  const names: readonly RealServerName[] = ['nats', 'redis', 'postgres'];
  return { ...found, missing: names.filter((name) => !found[name]) };
}
