/** The audit of what we depend on, against a registry that says what it is told: it fails on high, and says so where it cannot tell. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const AUDIT = fileURLToPath(new URL('../../../.ci/audit.mjs', import.meta.url));
let registry: Server;
let url: string;

beforeAll(async () => {
  // Each severity has a registry of its own, by the first part of the path.
  registry = createServer((request, response) => {
    request.resume();
    const [, severity, ...rest] = (request.url ?? '').split('/');
    const known = severity !== 'none' && rest.join('/').endsWith('/advisories/bulk');
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    const about = { id: 1, url: 'https://advisories.invalid/1', title: 'a hole', vulnerable_versions: '*', cwe: [] };
    // Of a package that the lockfile names.
    response.end(JSON.stringify(known ? { ws: [{ ...about, severity, cvss: { score: 0, vectorString: null } }] } : {}));
  });
  registry.listen(0, '127.0.0.1');
  await once(registry, 'listening');
  url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
});
afterAll(() => registry?.close());

async function audit(severity: string): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, pnpm_config_registry: `${url}/${severity}/` };
  const child = spawn(process.execPath, [AUDIT], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      said += data.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

it('ends with 1 where something high is known, with 0 below that, and tells where nothing is known', async () => {
  const [high, moderate, none] = await Promise.all(['high', 'moderate', 'none'].map(audit));
  expect(high?.said).toContain('1 high');
  expect(high?.code).toBe(1);
  expect(moderate?.said).toContain('1 moderate');
  expect(moderate?.code).toBe(0);
  expect(none?.said).toContain('NOT AUDITED');
  expect(none?.code).toBe(0);
});
