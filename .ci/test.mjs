/**
 * `npm test`: sets up, gets the real servers where it may, runs every test, and writes the runner's report to
 * .ci/out/report.json. Arguments go to vitest, e.g. `npm test -- packages/domain`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
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

const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const OUT = join(ROOT, '.ci', 'out');
const REPORT = ['--reporter=json', `--outputFile.json=${join(OUT, 'report.json')}`];

/**
 * Projects of vitest.config.ts that run side by side. Those of real processes wait most of the time; the others, which
 * compute, take what is left of the processor, and are the ones that stand back. `ports`: see testkit's `freePort`.
 */
const HALVES = [
  { name: 'real', projects: ['long', 'real'], nice: 0, ports: 0 },
  { name: 'unit', projects: ['store', 'swarms', 'unit'], nice: 5, ports: 2 },
];

/** One for both halves (packages/testkit/src/shelf.ts): what takes long to make is made once. */
function makeShelf() {
  const shelf = mkdtempSync(join(tmpdir(), 'sigec-shelf-'));
  chmodSync(shelf, 0o755);
  process.on('exit', () => rmSync(shelf, { recursive: true, force: true, maxRetries: 3 }));
  return shelf;
}

/** @returns the exit code */
function run({ name, projects, nice, ports }, shelf) {
  const child = spawn(
    process.execPath,
    [
      ...[VITEST, 'run', ...projects.map((project) => `--project=${project}`)],
      ...['--reporter=default', '--reporter=blob', `--outputFile.blob=${join(OUT, 'halves', `${name}.json`)}`],
    ],
    {
      cwd: ROOT,
      // Not the terminal itself: two that redraw it would write over each other.
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        SIGEC_TEST_PORTS: String(ports),
        SIGEC_TEST_SHELF: shelf,
        ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
      },
    },
  );
  if (child.pid !== undefined) setPriority(child.pid, nice);
  child.stdout.pipe(process.stdout, { end: false });
  child.stderr.pipe(process.stderr, { end: false });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

setup();
getServers();
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
say('testando · testing');
const chosen = process.argv.slice(2);
if (chosen.length > 0) {
  must(process.execPath, [VITEST, 'run', '--reporter=default', ...REPORT, ...chosen]);
} else {
  const shelf = makeShelf();
  const codes = await Promise.all(HALVES.map((half) => run(half, shelf)));
  must(process.execPath, [VITEST, 'run', `--mergeReports=${join(OUT, 'halves')}`, ...REPORT]);
  if (codes.some((code) => code !== 0)) process.exit(1);
}
