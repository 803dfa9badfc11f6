/** The room of our own product on real servers: each role in processes of its own, the edges on one port. */
import { randomBytes } from 'node:crypto';
import { freePort, tempDir } from '@sigec/testkit';
import { type Link, openLinks } from './links.js';
import { RoleProcess, type StackProcess } from './process.js';
import { type SeedOptions, seedStations } from './seed.js';
import {
  POSTGRES_SETTINGS,
  SERVERS,
  type ServerName,
  type ServerProcess,
  type Servers,
  startServers,
} from './servers.js';
import { type GroupUsage, UsageBook } from './usage.js';

export interface StackOptions {
  /** Processes that share one port. */
  readonly edges: number;
  readonly workers: number;
  readonly control: boolean;
  /** Further configuration of every role, e.g. `SIGEC_MESSAGE_LOG: 'off'`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Arguments of node, e.g. `--cpu-prof`. */
  readonly edgeArgs?: readonly string[] | undefined;
  readonly workerArgs?: readonly string[] | undefined;
  /** Registered before the roles start; nobody else is let in then. Without it every station is. */
  readonly stations?: SeedOptions | undefined;
  /** Of PostgreSQL, over {@link POSTGRES_SETTINGS}. */
  readonly postgres?: Readonly<Record<string, string>> | undefined;
  /** Where PostgreSQL has its data, e.g. on a disk that may become full. */
  readonly postgresFolder?: string | undefined;
  /** What the processes say, at `warn` and above. */
  readonly onLine?: ((text: string) => void) | undefined;
  /** Every role reaches its servers through links of its own, which can be cut, slowed and half opened. */
  readonly links?: boolean | undefined;
  /** A process ended that nobody here had ended. Without it {@link Stack.failure} is aborted. */
  readonly onLost?: ((reason: string) => void) | undefined;
}

export interface Stack {
  /** `ws://127.0.0.1:PORT/ocpp` */
  readonly url: string;
  readonly api: { readonly url: string; readonly email: string; readonly password: string } | null;
  readonly edges: readonly StackProcess[];
  readonly workers: readonly StackProcess[];
  readonly control: StackProcess | null;
  /** For `watch` of `runLoad`: the processes as they run now. */
  readonly watch: { name: string; pid: number; tree: boolean }[];
  readonly servers: Readonly<Record<ServerName, ServerProcess>>;
  /** Between roles and servers, where they were asked for. */
  readonly links: readonly Link[];
  readonly databaseUrl: string;
  /** Aborted, with an Error that tells, when a process has ended that nobody here had ended. */
  readonly failure: AbortSignal;
  /** Since each process began; a server's with all its own processes. */
  usage(): GroupUsage;
  /** Ends everything; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * As the README says to run a worker: what it reads and writes for a batch outlives a young generation of the default size, and
 * would be copied about instead of forgotten.
 */
const WORKER_ARGS: readonly string[] = ['--max-semi-space-size=64'];

const EMAIL = 'admin@loadtest.local';

/** Starts servers, schema, stations and roles, in this order; whatever was started is ended where one cannot. */
export async function startStack(options: StackOptions): Promise<Stack> {
  if (options.edges < 1 || options.workers < 1) throw new Error('edges, workers: at least one of each');
  const failure = new AbortController();
  const lost = options.onLost ?? ((reason: string) => failure.abort(new Error(reason)));
  // What they say while they end is of no use to anybody.
  const onLine = (text: string) => {
    if (stopped === null) options.onLine?.(text);
  };
  const folder = tempDir('stack');
  const roles: RoleProcess[] = [];
  const links: Link[] = [];
  let servers: Servers | null = null;
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      await Promise.all(roles.map((role) => role.stop()));
      await Promise.all(links.map(({ proxy }) => proxy.close()));
      await servers?.stop();
      folder.remove();
    })();
    return stopped;
  };
  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever else listens ends the run in order, and this with it.
    if (process.listenerCount(signal) > 1) return;
    void stop().finally(() => process.kill(process.pid, signal));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const { postgresFolder } = options;
    const settings = { ...POSTGRES_SETTINGS, ...options.postgres };
    const migrate = (databaseUrl: string) => {
      const env = { DATABASE_URL: databaseUrl, SIGEC_LOG_LEVEL: 'warn', SIGEC_LOG_FORMAT: 'json' };
      return new RoleProcess({ role: 'migrate', name: 'migrate', nodeArgs: [], env, cwd: folder.path }).run();
    };
    servers = await startServers(
      postgresFolder === undefined ? { settings } : { settings, folder: postgresFolder },
      migrate,
      lost,
    );
    const secret = () => randomBytes(24).toString('base64url');
    const [pepper, password] = [secret(), secret()];
    const env = {
      NATS_URL: `nats://127.0.0.1:${servers.nats.port}`,
      REDIS_URL: `redis://127.0.0.1:${servers.redis.port}`,
      DATABASE_URL: servers.databaseUrl,
      JWT_SECRET: secret() + secret(),
      SIGEC_PEPPER: pepper,
      SIGEC_HOST: '127.0.0.1',
      SIGEC_LOG_LEVEL: 'warn',
      SIGEC_LOG_FORMAT: 'json',
      SIGEC_UNKNOWN_STATIONS: options.stations === undefined ? 'accept' : 'reject',
      // A load is what the swarm sends, and nothing beside it.
      SIGEC_PROVISIONING: 'off',
      SIGEC_ADMIN_EMAIL: EMAIL,
      SIGEC_ADMIN_PASSWORD: password,
    };
    const { nats, redis, postgres } = servers;
    const make = async (
      role: 'edge' | 'worker' | 'control',
      name: string,
      nodeArgs: readonly string[] = [],
      own: Env = {},
    ) => {
      const opsPort = await freePort();
      const linked = options.links === true ? await openLinks(name, role, { nats, redis, postgres }, env, links) : {};
      const all = { ...env, ...linked, SIGEC_METRICS_PORT: String(opsPort), ...own, ...options.env };
      const made = new RoleProcess({ role, name, nodeArgs, env: all, cwd: folder.path, opsPort, onLine, onLost: lost });
      roles.push(made);
      return made;
    };
    if (options.stations !== undefined) await seedStations(servers.databaseUrl, pepper, options.stations);
    const [port, http] = [await freePort(), await freePort()];
    const workers: RoleProcess[] = [];
    for (let n = 1; n <= options.workers; n++)
      workers.push(await make('worker', `worker ${n}`, options.workerArgs ?? WORKER_ARGS));
    const edges: RoleProcess[] = [];
    const onPort = { SIGEC_OCPP_PORT: String(port) };
    for (let n = 1; n <= options.edges; n++) edges.push(await make('edge', `edge ${n}`, options.edgeArgs, onPort));
    const control = options.control ? await make('control', 'control', [], { SIGEC_HTTP_PORT: String(http) }) : null;
    await startAll(roles);
    return assemble({ servers, links, port, edges, workers, control, http, password, failure: failure.signal, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A few at once: a process that starts keeps a core busy for a second, and the control waits for edges and workers. */
async function startAll(roles: readonly RoleProcess[]): Promise<void> {
  const queue = [...roles];
  const next = async (): Promise<void> => {
    for (let role = queue.shift(); role !== undefined; role = queue.shift()) await role.start();
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, next));
}

const STARTS_AT_ONCE = 4;
type Env = Readonly<Record<string, string>>;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

interface Parts extends Pick<Stack, 'edges' | 'workers' | 'control' | 'failure' | 'stop' | 'links'> {
  readonly servers: Servers;
  readonly port: number;
  readonly http: number;
  readonly password: string;
}

function assemble({ servers, port, http, password, ...parts }: Parts): Stack {
  const { edges, workers, control } = parts;
  const members = () => [
    ...edges.map(({ name, pid }) => ({ group: 'edge' as const, name, pid })),
    ...workers.map(({ name, pid }) => ({ group: 'worker' as const, name, pid })),
    ...(control === null ? [] : [{ group: 'control' as const, name: 'control', pid: control.pid }]),
    ...SERVERS.map((name) => ({ group: name, name, pid: servers[name].pid })),
  ];
  const book = new UsageBook(members);
  return {
    ...parts,
    url: `ws://127.0.0.1:${port}/ocpp`,
    api: control === null ? null : { url: `http://127.0.0.1:${http}`, email: EMAIL, password },
    servers: { nats: servers.nats, redis: servers.redis, postgres: servers.postgres },
    databaseUrl: servers.databaseUrl,
    get watch() {
      return members().map(({ name, pid, group }) => ({ name, pid, tree: group === 'postgres' }));
    },
    usage: () => book.read(),
  };
}
