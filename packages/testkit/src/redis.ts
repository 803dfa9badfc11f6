/** A real Redis server. */
import { findProgram } from './binaries.js';
import { type RealServer, startServer } from './server.js';
import { tempDir } from './temp.js';

/**
 * Starts Redis on loopback; it writes each change to its file, so that a restart keeps what was there.
 * @param args further ones, e.g. `--aclfile`
 */
export function startRedis(args: readonly string[] = []): Promise<RealServer> {
  const command = findProgram('redis-server');
  if (!command) return Promise.reject(new Error('redis-server is not installed'));
  const folder = tempDir('redis');
  return startServer(
    folder,
    (port) => `redis://127.0.0.1:${port}`,
    (port) => ({
      command,
      args: [
        ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder.path, '--save', '', '--appendonly', 'yes'],
        ...args,
      ],
      cwd: folder.path,
      ready: /Ready to accept connections/,
      stopSignal: 'SIGTERM',
    }),
  );
}
