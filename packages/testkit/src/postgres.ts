/** A real PostgreSQL server, with the durability it has by default: what it says is committed is on the disk. */
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPostgres } from './binaries.js';
import { type RealServer, startServer } from './server.js';
import { shelf } from './shelf.js';
import { accepts, tempDir } from './temp.js';

/** What is left of a killed server has ended after this, ms. */
const GONE_MS = 10_000;

export interface RealPostgres extends RealServer {
  /** Makes a database of its own for a test and returns its URL. The name: a-z, 0-9 and _. */
  createDatabase(name: string): Promise<string>;
  /** The URL of one that is there. */
  databaseUrl(name: string): string;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: someone harmless runs it then. */
function harmlessUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const row = rows.find(([user]) => user === name);
    if (row) return { uid: Number(row[2]), gid: Number(row[3]) };
  }
  throw new Error('PostgreSQL cannot run as root, and there is no user postgres or nobody');
}

export interface PostgresSetup {
  /** They go before its own, e.g. `{ max_connections: '50' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder in which its own is made, e.g. on a disk that may become full. */
  readonly folder?: string;
  /** What it holds when it is handed out. */
  readonly content?: Content;
}

/** In a test run it is made once for all that ask for its name, and copied. */
export interface Content {
  /** a-z, 0-9 and -. */
  readonly name: string;
  make(server: RealPostgres): Promise<void>;
}

type Run = (program: string, args: readonly string[]) => Promise<unknown>;

/** Where this test run keeps a cluster of a name; undefined outside of a test run. */
function patternOf(name: string): string | undefined {
  const kept = shelf();
  return kept === undefined ? undefined : join(kept, name);
}

/** Keeps a copy of the cluster in `folder`, which does not run. */
async function keep(folder: string, pattern: string, run: Run): Promise<void> {
  const copy = join(folder, 'copy');
  await run('cp', ['-R', join(folder, 'data'), copy]);
  try {
    renameSync(copy, pattern);
  } catch {
    // Another was quicker, or this is another disk.
    rmSync(copy, { recursive: true });
  }
}

/** An empty cluster in `folder`. In a test run it is made once: a copy takes a tenth of the time. */
async function makeCluster(folder: string, initdb: string, run: Run): Promise<void> {
  const data = join(folder, 'data');
  const pattern = patternOf('pg');
  if (pattern !== undefined && existsSync(pattern)) {
    await run('cp', ['-R', pattern, data]);
    return;
  }
  // Only the making of the empty cluster goes without fsync; the server itself has it.
  const as = ['-U', 'sigec', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
  await run(initdb, ['-D', data, ...as, '--no-sync', '--no-instructions']);
  if (pattern !== undefined) await keep(folder, pattern, run);
}

/** Starts PostgreSQL on loopback. */
export async function startPostgres(options: PostgresSetup = {}): Promise<RealPostgres> {
  const bin = findPostgres();
  if (!bin) throw new Error('PostgreSQL is not installed');
  const user = harmlessUser();
  const folder = tempDir('pg', options.folder);
  const sockets = join(folder.path, 's');
  mkdirSync(sockets);
  chmodSync(folder.path, 0o700);
  if (user) for (const path of [folder.path, sockets]) chownSync(path, user.uid, user.gid);
  const env = { PATH: process.env.PATH, HOME: folder.path, LC_ALL: 'C', TZ: 'UTC' };
  const run = promisify(execFile);
  const asUser = { cwd: folder.path, env, timeout: 240_000, ...user };
  const runAsUser: Run = (program, args) => run(program, args, asUser);
  const { content } = options;
  const pattern = content && patternOf(`pg-${content.name}`);
  const made = pattern !== undefined && existsSync(pattern);
  const data = join(folder.path, 'data');
  try {
    if (made) await runAsUser('cp', ['-R', pattern, data]);
    else await makeCluster(folder.path, join(bin, 'initdb'), runAsUser);
  } catch (error) {
    folder.remove();
    throw error;
  }
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: sockets,
    shared_buffers: '64MB',
    max_connections: '100',
    timezone: 'UTC',
    ...options.settings,
  };
  const server = await startServer(
    folder,
    (port) => `postgres://sigec@127.0.0.1:${port}/postgres`,
    (port) => ({
      command: join(bin, 'postgres'),
      args: [
        '-D',
        data,
        '-p',
        String(port),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      cwd: folder.path,
      ready: /ready to accept connections/,
      // The fast end: running transactions are rolled back, and nobody waits for clients.
      stopSignal: 'SIGINT',
      ...(user ? { user } : {}),
    }),
  );
  const databaseUrl = (name: string): string => `postgres://sigec@127.0.0.1:${server.port}/${name}`;
  const createDatabase = async (name: string): Promise<string> => {
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`name: "${name}" cannot name a database`);
    await runAsUser(join(bin, 'createdb'), ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'sigec', name]);
    return databaseUrl(name);
  };
  const killPostmaster = server.kill;
  const kill = async (): Promise<void> => {
    await killPostmaster();
    // Backends hold the listening socket until they notice that their parent is gone.
    const deadline = Date.now() + GONE_MS;
    while ((await accepts(server.port)) && Date.now() < deadline) await sleep(20);
  };
  // Not a spread: it would freeze the pid of today.
  const handed = Object.assign(server, { createDatabase, databaseUrl, kill });
  if (content === undefined || made) return handed;
  try {
    await content.make(handed);
    // A disk of its own may have no room for two.
    if (pattern !== undefined && options.folder === undefined) {
      await server.end();
      await keep(folder.path, pattern, runAsUser);
      await server.restart();
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  return handed;
}
