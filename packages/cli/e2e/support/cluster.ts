/** The product as it runs in a cluster: NATS, Redis, PostgreSQL, and each role in processes of its own. */
import { openPostgres } from '@sigec/store';
import {
  freePort,
  type RealPostgres,
  startNats,
  startPostgres,
  startRedis,
  startTcpProxy,
  type TcpProxy,
  tempDir,
} from '@sigec/testkit';
import { ready } from './embedded.js';
import { readMails } from './mail.js';
import { type Exit, SigecProcess } from './process.js';
import { Rest } from './rest.js';
import { ADMIN, type System } from './system.js';

/** One process of a role; it comes back on the same ports. */
export interface Member {
  /** Of its health and metrics; the control API is at the same address. */
  readonly url: string;
  readonly process: SigecProcess;
  kill9(): Promise<void>;
  stop(): Promise<Exit>;
  start(): Promise<void>;
}

type Real = Awaited<ReturnType<typeof startNats>>;

export interface Cluster extends System {
  readonly edges: readonly Member[];
  readonly workers: readonly Member[];
  readonly control: Member;
  readonly nats: Real;
  readonly redis: Real;
  /** Between each edge and NATS, where they were asked for. */
  readonly links: readonly TcpProxy[];
  /** Starts whatever does not run, and waits until the control says that a charger could be served. */
  mend(): Promise<void>;
}

export interface ClusterOptions {
  readonly edges?: number;
  readonly workers?: number;
  /** Further arguments of each edge. */
  readonly edgeArguments?: readonly string[];
  /** Metrics port of the edge, where it is not any free one. */
  readonly edgeMetricsPort?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** How the servers start. Default: as they are installed, open to everybody. */
  readonly nats?: Parameters<typeof startNats>[0];
  readonly redis?: Parameters<typeof startRedis>[0];
  /** Over {@link env}, for one role: how it reaches the servers. */
  readonly roleEnv?: (role: 'edge' | 'worker' | 'control', nats: Real, redis: Real) => Env;
  /** Each edge reaches NATS through a proxy of its own. */
  readonly edgeLinks?: boolean;
}

const DATABASE = 'sigec';
const JWT_SECRET = 'a-secret-that-only-this-test-has-1234567890';

type Env = Readonly<Record<string, string>>;

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { edges: edgeCount = 2, workers: workerCount = 2, edgeArguments = [], edgeMetricsPort } = options;
  const folder = tempDir('e2e-cluster');
  const [nats, redis, postgres] = await Promise.all([
    startNats({ jetstream: true, ...options.nats }),
    startRedis(options.redis),
    startPostgres({ content: { name: 'migrated', make: (server) => migrate(server, folder.path) } }),
  ]);
  const members: Running[] = [];
  const links: TcpProxy[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.process.kill9()));
    await Promise.all([nats.stop(), redis.stop(), postgres.stop(), ...links.map((link) => link.close())]);
    folder.remove();
  };
  try {
    const url = postgres.databaseUrl(DATABASE);
    const env: Env = {
      NATS_URL: nats.url,
      REDIS_URL: redis.url,
      DATABASE_URL: url,
      JWT_SECRET,
      SIGEC_PEPPER: 'a-pepper-that-only-this-test-has',
      SIGEC_HOST: '127.0.0.1',
      SIGEC_ADMIN_EMAIL: ADMIN.email,
      SIGEC_ADMIN_PASSWORD: ADMIN.password,
      // Tests count messages: stations are provisioned where a test asks for it.
      SIGEC_PROVISIONING: 'off',
      ...options.env,
    };
    type Args = readonly ['edge' | 'worker' | 'control', ...string[]];
    const member = async (args: Args, more: Env, ownPort?: number): Promise<Running> => {
      const port = ownPort ?? (await freePort());
      const made = new Running(args, `http://127.0.0.1:${port}`, folder.path, {
        ...env,
        ...options.roleEnv?.(args[0], nats, redis),
        SIGEC_METRICS_PORT: String(port),
        ...more,
      });
      members.push(made);
      return made;
    };
    const ports: number[] = [];
    for (let n = 0; n < edgeCount; n++) ports.push(await freePort());
    const edges: Running[] = [];
    for (const port of ports) {
      const link: Record<string, string> = {};
      if (options.edgeLinks === true) {
        const proxy = await startTcpProxy(Number(new URL(nats.url).port));
        links.push(proxy);
        link.NATS_URL = `nats://127.0.0.1:${proxy.port}`;
      }
      const own = { SIGEC_OCPP_PORT: String(port), ...link };
      edges.push(await member(['edge', ...edgeArguments], own, edgeMetricsPort));
    }
    const workers: Running[] = [];
    for (let n = 0; n < workerCount; n++) workers.push(await member(['worker'], {}));
    const http = await freePort();
    const control = await member(['control'], { SIGEC_HTTP_PORT: String(http) });
    const rest = new Rest(`http://127.0.0.1:${http}`);
    const mend = async (): Promise<void> => {
      await Promise.all(members.map((one) => one.start()));
    };
    await mend();
    await rest.login(ADMIN.email, ADMIN.password);
    return {
      rest,
      endpoints: ports.map((port) => `ws://127.0.0.1:${port}/ocpp`),
      operations: {
        control: rest.url,
        ...Object.fromEntries(members.map((one, n) => [`${one.process.name} ${n}`, one.url])),
      },
      edges,
      workers,
      control,
      nats,
      redis,
      links,
      mend,
      log: () => members.flatMap((one) => one.log),
      async mails(recipient) {
        const db = openPostgres({ url });
        return readMails(db, JWT_SECRET, recipient).finally(() => db.close());
      },
      words: () => members.map((one) => one.process.words()).join('\n'),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function migrate(server: RealPostgres, cwd: string): Promise<void> {
  const migration = new SigecProcess(['migrate'], { DATABASE_URL: await server.createDatabase(DATABASE) }, cwd);
  if ((await migration.ended).code !== 0) throw new Error(migration.words());
}

class Running implements Member {
  readonly #past: SigecProcess[] = [];
  #current: SigecProcess;

  constructor(
    private readonly args: readonly string[],
    readonly url: string,
    private readonly cwd: string,
    private readonly env: Env,
  ) {
    this.#current = new SigecProcess(args, env, cwd);
  }

  get process(): SigecProcess {
    return this.#current;
  }

  get log() {
    return [...this.#past, this.#current].flatMap((one) => one.log);
  }

  kill9(): Promise<void> {
    return this.#current.kill9();
  }

  stop(): Promise<Exit> {
    return this.#current.stop();
  }

  async start(): Promise<void> {
    if (this.#current.exit !== undefined) {
      this.#past.push(this.#current);
      this.#current = new SigecProcess(this.args, this.env, this.cwd);
    }
    await ready(this.#current, this.url);
  }
}
