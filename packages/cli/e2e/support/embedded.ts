/** `sigec up` in a folder of its own: no server, one process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPglite } from '@sigec/store';
import { givePglite } from '@sigec/store/testing';
import { freePort, tempDir } from '@sigec/testkit';
import { healthOf } from './http.js';
import { readMails } from './mail.js';
import { type Exit, type LogLine, SigecProcess } from './process.js';
import { Rest } from './rest.js';
import { ADMIN, type System } from './system.js';

const READY_MS = 240_000;

export interface Embedded extends System {
  readonly process: SigecProcess;
  kill9(): Promise<void>;
  /** SIGTERM; how it ended. */
  stop(): Promise<Exit>;
  /** Again, on the same folder and ports. */
  start(): Promise<void>;
}

/**
 * Starts it and waits until it is ready and the administrator has logged in.
 * @param anew its folder is empty; else it holds the empty database that another start would have made
 */
export async function startEmbedded(env: Readonly<Record<string, string>> = {}, anew = false): Promise<Embedded> {
  const folder = tempDir('e2e-up');
  if (!anew) await givePglite(join(folder.path, 'database'));
  const [http, ocpp, metrics] = [await freePort(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${http}`;
  const rest = new Rest(url);
  const past: SigecProcess[] = [];
  const spawn = () =>
    new SigecProcess(
      ['up'],
      {
        SIGEC_HOST: '127.0.0.1',
        SIGEC_HTTP_PORT: String(http),
        SIGEC_OCPP_PORT: String(ocpp),
        SIGEC_METRICS_PORT: String(metrics),
        SIGEC_DATA_DIR: folder.path,
        SIGEC_ADMIN_EMAIL: ADMIN.email,
        SIGEC_ADMIN_PASSWORD: ADMIN.password,
        SIGEC_UNKNOWN_STATIONS: 'reject',
        SIGEC_PROVISIONING: 'off',
        ...env,
      },
      folder.path,
    );
  let current = spawn();
  const system: Embedded = {
    rest,
    endpoints: [`ws://127.0.0.1:${ocpp}/ocpp`],
    operations: { up: url, metrics: `http://127.0.0.1:${metrics}` },
    get process() {
      return current;
    },
    log: () => [...past, current].flatMap((one): readonly LogLine[] => one.log),
    words: () => current.words(),
    async mails(recipient) {
      await system.stop();
      const { jwtSecret } = JSON.parse(readFileSync(join(folder.path, 'secrets.json'), 'utf8')) as {
        jwtSecret: string;
      };
      const db = await openPglite(join(folder.path, 'database'));
      const mails = await readMails(db, jwtSecret, recipient).finally(() => db.close());
      await system.start();
      return mails;
    },
    kill9: () => current.kill9(),
    stop: () => current.stop(),
    async start() {
      if (current.exit !== undefined) {
        past.push(current);
        current = spawn();
      }
      await ready(current, url);
      await rest.login(ADMIN.email, ADMIN.password);
    },
    async close() {
      await current.kill9();
      folder.remove();
    },
  };
  try {
    await system.start();
  } catch (error) {
    await system.close();
    throw error;
  }
  return system;
}

/** Waits until a process says on its health page that it is ready; fails with its words where it ends before. */
export async function ready(one: SigecProcess, url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while ((await healthOf(url)) !== 200) {
    if (one.exit !== undefined || Date.now() > deadline) throw new Error(`not ready\n${one.words()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
