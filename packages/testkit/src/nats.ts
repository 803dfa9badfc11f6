/** A real NATS server. */
import { join } from 'node:path';
import { findProgram } from './binaries.js';
import { type RealServer, startServer } from './server.js';
import { tempDir } from './temp.js';

export interface NatsSetup {
  readonly jetstream?: boolean;
  /** A configuration file, as operators write it; address, port and storage are still the test's. */
  readonly configFile?: string;
  /** What the file reads from the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments, e.g. `--tls`. */
  readonly args?: readonly string[];
}

/** Starts NATS on loopback, with JetStream where asked. */
export function startNats(options: NatsSetup = {}): Promise<RealServer> {
  const { configFile, env = {}, args = [] } = options;
  const command = findProgram('nats-server');
  if (!command) return Promise.reject(new Error('nats-server is not installed'));
  const folder = tempDir('nats');
  return startServer(
    folder,
    (port) => `nats://127.0.0.1:${port}`,
    (port) => ({
      command,
      args: [
        ...(configFile === undefined ? [] : ['-c', configFile]),
        '-a',
        '127.0.0.1',
        '-p',
        String(port),
        ...(options.jetstream ? ['-js', '-sd', join(folder.path, 'js')] : []),
        ...args,
      ],
      env,
      cwd: folder.path,
      ready: /Server is ready/,
      stopSignal: 'SIGINT',
    }),
  );
}
