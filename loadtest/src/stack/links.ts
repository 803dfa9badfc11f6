/** The room of the links between roles and servers: a TCP proxy each, so that one can fail and the others not. */
import { startTcpProxy, type TcpProxy } from '@sigec/testkit';
import type { ServerName, ServerProcess } from './servers.js';

/** One role's way to one server. */
export interface Link {
  /** Of the role's process, e.g. `worker 1`. */
  readonly from: string;
  readonly to: ServerName;
  readonly proxy: TcpProxy;
}

const REACHED: Readonly<Record<'edge' | 'worker' | 'control', readonly ServerName[]>> = {
  edge: ['nats', 'redis'],
  worker: ['nats', 'redis', 'postgres'],
  control: ['nats', 'redis', 'postgres'],
};
const VARIABLE = { nats: 'NATS_URL', redis: 'REDIS_URL', postgres: 'DATABASE_URL' } as const;

/** Opens the links of one process, and tells them to it by its environment. @param all those opened are added to it */
export async function openLinks(
  from: string,
  role: 'edge' | 'worker' | 'control',
  servers: Readonly<Record<ServerName, ServerProcess>>,
  env: Readonly<Record<(typeof VARIABLE)[ServerName], string>>,
  all: Link[],
): Promise<Record<string, string>> {
  const changed: Record<string, string> = {};
  for (const to of REACHED[role]) {
    const proxy = await startTcpProxy(servers[to].port);
    all.push({ from, to, proxy });
    const name = VARIABLE[to];
    changed[name] = env[name].replace(`:${servers[to].port}`, `:${proxy.port}`);
  }
  return changed;
}
