/** A real PostgreSQL server, with the durability it has by default: what it says is committed is on the disk. */
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPostgres } from './binaries.js';
import { type RealServer, startServer } from './server.js';
import { shelved } from './shelf.js';
import { accepts, type TempDir, tempDir } from './temp.js';

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

/** Where a server lives, and whose it is. */
interface Home {
  readonly folder: TempDir;
  /** Its cluster; not there yet. */
  readonly data: string;
  readonly user: User | undefined;
  readonly run: Run;
}

function makeHome(parent?: string): Home {
  const user = harmlessUser();
  const folder = tempDir('pg', parent);
  chmodSync(folder.path, 0o700);
  if (user) chownSync(folder.path, user.uid, user.gid);
  const asUser = { cwd: folder.path, env: environment(folder), timeout: 240_000, ...user };
  const run = promisify(execFile);
  return { folder, data: join(folder.path, 'data'), user, run: (program, args) => run(program, args, asUser) };
}

const environment = (folder: TempDir) => ({ PATH: process.env.PATH, HOME: folder.path, LC_ALL: 'C', TZ: 'UTC' });

async function makeCluster({ data, run }: Home, bin: string): Promise<void> {
  // Only the making of the empty cluster goes without fsync; the server itself has it.
  const as = ['-U', 'sigec', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
  await run(join(bin, 'initdb'), ['-D', data, ...as, '--no-sync', '--no-instructions']);
}

/** The cluster that a test run keeps, empty or with what was asked for; a copy takes a tenth of the time. */
async function kept(bin: string, content?: Content): Promise<string | undefined> {
  if (content === undefined)
    return shelved('pg', async (path) => {
      const home = makeHome();
      try {
        await makeCluster(home, bin);
        renameSync(home.data, path);
      } finally {
        home.folder.remove();
      }
    });
  return shelved(`pg-${content.name}`, async (path) => {
    const home = makeHome();
    const server = await launch(home, bin, await kept(bin), {});
    try {
      await content.make(server);
      await server.end();
      renameSync(home.data, path);
    } finally {
      await server.stop();
    }
  });
}

/** Starts PostgreSQL on loopback. */
export async function startPostgres(options: PostgresSetup = {}): Promise<RealPostgres> {
  const bin = findPostgres();
  if (!bin) throw new Error('PostgreSQL is not installed');
  const { content, folder, settings = {} } = options;
  const pattern = await kept(bin, content);
  const server = await launch(makeHome(folder), bin, pattern, settings);
  if (content === undefined || pattern !== undefined) return server;
  try {
    await content.make(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** @param pattern the cluster that it begins with a copy of; undefined: an empty one is made */
async function launch(
  home: Home,
  bin: string,
  pattern: string | undefined,
  wanted: Readonly<Record<string, string>>,
): Promise<RealPostgres> {
  const { folder, data, user, run } = home;
  const sockets = join(folder.path, 's');
  mkdirSync(sockets);
  if (user) chownSync(sockets, user.uid, user.gid);
  try {
    if (pattern === undefined) await makeCluster(home, bin);
    else await run('cp', ['-R', pattern, data]);
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
    ...wanted,
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
    await run(join(bin, 'createdb'), ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'sigec', name]);
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
  return Object.assign(server, { createDatabase, databaseUrl, kill });
}
