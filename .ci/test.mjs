/**
 * `npm test`: sets up, gets the real servers where it may, runs every test, and writes the runner's report to
 * .ci/out/report.json. Arguments go to vitest, e.g. `npm test -- packages/domain`.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { must, ROOT, say, setup } from './setup.mjs';

/** Debian's package of each server, and the program that must be there. */
const SERVERS = { 'nats-server': 'nats-server', 'redis-server': 'redis-server', postgresql: 'postgres' };

function found(program) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  folders.push('/usr/sbin', '/usr/local/bin');
  try {
    for (const version of readdirSync('/usr/lib/postgresql')) folders.push(`/usr/lib/postgresql/${version}/bin`);
  } catch {
    // No PostgreSQL of Debian's here.
  }
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function getServers() {
  const missing = Object.keys(SERVERS).filter((name) => !found(SERVERS[name]));
  if (missing.length === 0) return;
  const root = process.getuid?.() === 0;
  if (!root || spawnSync('apt-get', ['--version']).status !== 0) return;
  say(`instalando servidores · installing servers: ${missing.join(', ')}`);
  // RUNLEVEL=1 keeps the packages from starting services: the tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { stdio: 'inherit', env });
}

setup();
getServers();
const out = join(ROOT, '.ci', 'out');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
say('testando · testing');
must(process.execPath, [
  join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${join(out, 'report.json')}`,
  ...process.argv.slice(2),
]);
