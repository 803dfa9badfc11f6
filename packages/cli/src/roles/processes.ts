/** `sigec edge --processes N`: N edges of one machine share the OCPP port; one that dies is started again. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { backoff, createLogger } from '@sigec/runtime';
import { configure } from '../host.js';

const BIN = fileURLToPath(new URL('../../bin/sigec.js', import.meta.url));
/** A child that lived this long had started well; its next restart does not wait. */
const STEADY_MS = 30_000;

export async function edges(processes: number): Promise<void> {
  const config = configure('edge');
  if (config === undefined) return;
  const logger = createLogger({ role: 'edges', level: config.logLevel, format: config.logFormat });
  const children = new Set<ChildProcess>();
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    stopping = true;
    for (const child of children) child.kill(signal);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await Promise.all(Array.from({ length: processes }, (_, index) => keep(index)));
  process.off('SIGTERM', stop);
  process.off('SIGINT', stop);

  async function keep(index: number): Promise<void> {
    let waits = backoff({ baseMs: 500, maxMs: 10_000 });
    while (!stopping) {
      const started = Date.now();
      const code = await run(index);
      if (stopping) return;
      if (Date.now() - started > STEADY_MS) waits = backoff({ baseMs: 500, maxMs: 10_000 });
      const wait = waits.next().value ?? 10_000;
      logger.error({ index, code, waitMs: wait }, 'edge process ended; it is started again');
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  function run(index: number): Promise<number | null> {
    const port = config?.metricsPort;
    const child = fork(BIN, ['edge'], {
      env: {
        ...process.env,
        // A name may have 64 characters, the number included.
        SIGEC_EDGE_ID: `${(config?.edgeId ?? 'edge').slice(0, 60)}-${index}`,
        ...(port !== undefined && { SIGEC_METRICS_PORT: String(port === 0 ? 0 : port + index) }),
      },
    });
    children.add(child);
    return new Promise((resolve) => {
      child.on('exit', (code) => {
        children.delete(child);
        resolve(code);
      });
    });
  }
}
