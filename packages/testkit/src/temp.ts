/** Folders and ports that tests take for a while. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir {
  readonly path: string;
  /** Removes the folder and all in it; safe to call twice. */
  remove(): void;
}

const folders = new Set<string>();
process.on('exit', () => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** A folder of one's own; what is left of it goes when the process ends. */
export function tempDir(name = 'test', parent = tmpdir()): TempDir {
  const path = mkdtempSync(join(parent, `sigec-${name}-`));
  folders.add(path);
  return {
    path,
    remove: () => {
      folders.delete(path);
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const given = new Set<number>();
const PORTS = { from: 12_000, each: 4_000, shares: 5 };
/**
 * Test files that run at once have ports of their own: between the look at one and its use another could take it. Where
 * two runners are at work, the second counts its files from SIGEC_TEST_PORTS on (.ci/test.mjs).
 */
const share = (Number(process.env.VITEST_POOL_ID ?? 0) + Number(process.env.SIGEC_TEST_PORTS ?? 0)) % PORTS.shares;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * A port of 127.0.0.1 nobody listens on. Below the range the kernel takes source ports from: a client that reconnects to
 * a server that is down could otherwise connect to itself.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = PORTS.from + share * PORTS.each + randomInt(PORTS.each);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error('no free port found on 127.0.0.1');
}

/** Whether somebody listens on a port of loopback. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
