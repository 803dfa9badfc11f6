/**
 * Sets the house up on a machine that has only Node and npm: fetches the pinned pnpm through npm, installs by the
 * lockfile, builds. Says what it does; does nothing twice. Node's own modules only, for nothing else is there yet.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const MARK = join(ROOT, 'node_modules', '.installed');

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', npm_config_update_notifier: 'false' };
// npm hands its own settings down as variables that another npm below it complains about.
for (const name of Object.keys(env)) if (/^npm_config_(?:nodedir|yes|user_agent)$/i.test(name)) delete env[name];

export const say = (text) => process.stdout.write(`\x1b[36m▸\x1b[0m ${text}\n`);

/** Runs a program with the terminal's own streams; ends this process where it fails. */
export function must(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, env, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Runs something with the pinned pnpm on its path (turbo calls it for each package). */
export function withPnpm(...command) {
  must('npm', ['exec', '--yes', `--package=${packageManager}`, '--', ...command]);
}

/** The same, quietly: what it said and how it ended, `status` null where the time was over. */
export function askPnpm(args, { timeout, env: more = {} }) {
  return spawnSync('npm', ['exec', '--yes', `--package=${packageManager}`, '--', 'pnpm', ...args], {
    cwd: ROOT,
    env: { ...env, ...more },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout,
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24) return;
  process.stderr.write(`Node ${process.versions.node}: precisa de · needs ${engines.node}\n`);
  process.exit(1);
}

export function setup() {
  checkNode();
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    hash.update(readFileSync(join(ROOT, file)));
  const wanted = `${process.version} ${hash.digest('hex')}`;
  if (!existsSync(MARK) || readFileSync(MARK, 'utf8') !== wanted) {
    say(`instalando dependências · installing dependencies (${packageManager})`);
    withPnpm('pnpm', 'install', '--frozen-lockfile');
    writeFileSync(MARK, wanted);
  }
  say('compilando · building');
  withPnpm('turbo', 'run', 'build', '--output-logs=errors-only', '--no-update-notifier');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
