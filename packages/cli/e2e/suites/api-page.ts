/** docs/api.md does what it says: its blocks, in order, as somebody would paste them. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ADMIN, endpoint, type System } from '../support/system.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** For a machine that is busy; the blocks themselves wait for what comes. */
const MOST_MS = 120_000;

/** The blocks of a page that are shell, in order. */
async function blocks(page: string): Promise<string[]> {
  const text = await readFile(`${ROOT}docs/${page}`, 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

/** Runs them in one bash, which takes whatever it started with it when it ends. */
function run(script: string, env: Readonly<Record<string, string>>): Promise<{ code: number | null; output: string }> {
  const child = spawn('bash', ['-c', `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nset -eu\n${script}`], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const late = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), MOST_MS);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, output });
    });
  });
}

export function apiPageSuite(get: () => System): void {
  it('docs/api.md takes somebody from login to a receipt', async () => {
    const system = get();
    const script = await blocks('api.md');
    expect(script.length).toBeGreaterThan(5);
    const { code, output } = await run(script.join('\n'), {
      BASE: system.operations.up ?? '',
      OCPP: endpoint(system),
      EMAIL: ADMIN.email,
      PASSWORD: ADMIN.password,
    });
    expect(code, output).toBe(0);
    // What the stream tells, and when, is the charger's business: that the session is among it is enough.
    const plain = output.replace(/^(?:(?:retry|id|event|data):.*|:)?\n/gm, '');
    expect(output).toMatch(/^event: progress\ndata: \{"transaction_id":"\d+"/m);
    expect(plain).toMatch(
      /^admin\ndevice \d+\nthe charger is Available\nsession \d+\n\d+\n1\nEntrada sul\nprecondition-failed\nreceipt \d+: [\d.]+ Wh, 1 line, [\d.]+ BRL\n$/,
    );
  });
}
