/** The log: pino, with secrets taken out before anything is written. */
import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { maskError } from './mask.js';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly level?: string;
  readonly format?: 'json' | 'pretty';
  /** The role of the process, on each line. */
  readonly role: string;
  /** Further fields of each line. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** Where lines go; standard output where not given. */
  readonly destination?: DestinationStream;
}

const SECRETS = [
  'password',
  'authorization',
  'Authorization',
  'cookie',
  'token',
  'accessToken',
  'refreshToken',
  'refresh_token',
  'secret',
  'jwtSecret',
  'pepper',
  'adminPassword',
  'oidcClientSecret',
  'apiKey',
  'databaseUrl',
  'redisUrl',
  'natsUrl',
];

/** What drivers hang on their errors: what a statement was given, and rows as they stand in the table. */
const QUOTED = new Set(['params', 'parameters', 'args', 'detail', 'where']);

/** Drivers quote the URL they failed to reach, credentials and all, and the rows they could not write. */
function serializeError(error: Error): unknown {
  const plain = stdSerializers.err(error);
  if (!plain || typeof plain !== 'object') return plain;
  const shown = Object.fromEntries(
    Object.entries(plain).map(([name, value]) =>
      value instanceof Error ? [name, serializeError(value)] : [name, QUOTED.has(name) ? undefined : value],
    ),
  );
  return { ...shown, message: maskError(plain.message ?? ''), stack: maskError(plain.stack ?? '') };
}

/** A logger of one role, writing at once: what was logged before the process ended was written. */
export function createLogger(options: LoggerOptions): Logger {
  const level = options.level ?? 'info';
  const settings = {
    level,
    base: { role: options.role, pid: process.pid, ...options.base },
    redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '***' },
    serializers: { err: serializeError, error: serializeError },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const out = options.destination ?? pino.destination({ dest: 1, sync: true });
  if (options.format !== 'pretty') return pino(settings, out);
  // Loaded only where it is used: every process of every role starts without it.
  const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  // Line by line and at once, not through a stream or a thread: those lose the last lines of a process that exits.
  const format = prettyFactory({
    colorize: process.stdout.isTTY === true,
    ignore: 'pid,role',
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return pino(settings, { write: (line: string) => out.write(format(line)) });
}
