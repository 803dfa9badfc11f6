/** A real NATS server. */
import { join } from 'node:path';
import { findProgram } from './binaries.js';
import { type RealServer, startServer } from './server.js';
import { tempDir } from './temp.js';

/** Starts NATS on loopback, with JetStream where asked. */
export function startNats(options: { readonly jetstream?: boolean } = {}): Promise<RealServer> {
  const command = findProgram('nats-server');
  if (!command) return Promise.reject(new Error('nats-server is not installed'));
  const folder = tempDir('nats');
  return startServer(
    folder,
    (port) => `nats://127.0.0.1:${port}`,
    (port) => ({
      command,
      args: [
        '-a',
        '127.0.0.1',
        '-p',
        String(port),
        ...(options.jetstream ? ['-js', '-sd', join(folder.path, 'js')] : []),
      ],
      cwd: folder.path,
      ready: /Server is ready/,
      stopSignal: 'SIGINT',
    }),
  );
}
