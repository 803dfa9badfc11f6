/** For tests: settings, loggers that keep their lines, and waiting for something to hold. */
import { createLogger, type Logger } from '@sigec/runtime';
import type { EdgeSettings } from '../settings.js';

export const SETTINGS: EdgeSettings = {
  edgeId: 'e1',
  host: '127.0.0.1',
  port: 0,
  pepper: 'pepper',
  partitions: 4,
  maxSessions: 1000,
  maxFrameBytes: 256 * 1024,
  pingSeconds: 0,
  callTimeoutMs: 10_000,
  settleMs: 600_000,
  connectRate: 10_000,
  connectBurst: 10_000,
  drainDelayMs: 0,
  drainPerSecond: 1_000,
  drainDeadlineMs: 3_000,
};

export function memoryLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const logger = createLogger({ role: 'test', level: 'trace', destination: { write: (line) => lines.push(line) } });
  return { logger, lines };
}

/** One turn of the event loop after another, for what travels in turns. */
export async function turns(count = 6): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something holds; the bound is for what never does. */
export async function until(holds: () => boolean, what: string, boundMs = 60_000): Promise<void> {
  const end = performance.now() + boundMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await pause(2);
  }
}
