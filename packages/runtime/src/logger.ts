/** The log: pino, with secrets taken out before anything is written. */
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';
import { maskUrls } from './mask.js';

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
  'apiKey',
  'databaseUrl',
  'redisUrl',
  'natsUrl',
];

/** Drivers quote the URL they failed to reach, credentials and all. */
function serializeError(error: Error): unknown {
  const plain = stdSerializers.err(error);
  if (!plain || typeof plain !== 'object') return plain;
  return { ...plain, message: maskUrls(plain.message ?? ''), stack: maskUrls(plain.stack ?? '') };
}

/**
 * A logger of one role. Pretty lines are made in this thread: a worker thread would outlive a process that exits at once
 * and lose its last lines.
 */
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
  if (options.format !== 'pretty') {
    return options.destination ? pino(settings, options.destination) : pino(settings);
  }
  const stream = pretty({
    sync: true,
    colorize: process.stdout.isTTY === true,
    ignore: 'pid,role',
    translateTime: 'SYS:HH:MM:ss.l',
    destination: options.destination ?? 1,
  });
  return pino(settings, stream);
}
