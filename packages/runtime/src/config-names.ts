/** The one table of every configuration name: its kind, default, readers and meaning. Types, checks and docs come from it. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** The parts a process can play; `up` is all of them in one process. */
export type Role = 'up' | 'edge' | 'worker' | 'control' | 'migrate';

/** What a default may depend on. */
export interface DefaultContext {
  readonly role: Role;
  /** True where the log goes to a terminal. */
  readonly tty: boolean;
  /** The address listened on, already resolved. */
  readonly host: string;
}

type Kind = 'string' | 'url' | 'email' | 'path' | 'token' | 'port' | 'int' | 'ratio' | 'switch' | 'choice';
type Default = string | number | boolean | undefined | ((context: DefaultContext) => string | undefined);

/** A row of {@link CONFIG_NAMES}. */
export interface ConfigRow {
  readonly name: string;
  readonly kind: Kind;
  /** Absent: the name is optional. */
  readonly default?: Default;
  /** How the docs say a default that is computed. */
  readonly defaultDoc?: string;
  /** Who reads it. */
  readonly roles: readonly Role[];
  /** Roles that do not start without it. */
  readonly required?: readonly Role[];
  /** Never printed, not even in part. */
  readonly secret: boolean;
  readonly doc: string;
  /** Bounds of an `int` or `ratio`. */
  readonly min?: number;
  readonly max?: number;
  /** Least length of a `string`. */
  readonly minLength?: number;
  /** What a `choice` may be. */
  readonly values?: readonly string[];
  /** What a `url` may begin with, without the colon. */
  readonly schemes?: readonly string[];
}

const ALL: readonly Role[] = ['up', 'edge', 'worker', 'control', 'migrate'];
const DATABASE: readonly Role[] = ['worker', 'control', 'migrate'];
const BUS: readonly Role[] = ['edge', 'worker', 'control'];

/** An unset host means this machine only in `up`, where nothing is configured, and every address elsewhere. */
const defaultHost = ({ role }: DefaultContext): string => (role === 'up' ? '127.0.0.1' : '0.0.0.0');

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Unique among processes, and fit to be one token of a bus subject. */
function defaultEdgeId(): string {
  const host =
    hostname()
      .replace(/[^A-Za-z0-9_-]/g, '-')
      .slice(0, 40) || 'host';
  return `${host}-${process.pid}-${randomBytes(3).toString('hex')}`;
}

/** Every name, in the order the docs show. */
export const CONFIG_NAMES = [
  {
    name: 'DATABASE_URL',
    kind: 'url',
    schemes: ['postgres', 'postgresql'],
    roles: ['up', 'worker', 'control', 'migrate'],
    required: DATABASE,
    secret: false,
    doc: 'PostgreSQL. Unset: an embedded database in the data folder.',
  },
  {
    name: 'REDIS_URL',
    kind: 'url',
    schemes: ['redis', 'rediss'],
    roles: ['up', 'edge', 'worker', 'control'],
    required: BUS,
    secret: false,
    doc: 'Redis. Unset: embedded.',
  },
  {
    name: 'NATS_URL',
    kind: 'url',
    schemes: ['nats', 'tls'],
    roles: ['up', 'edge', 'worker', 'control'],
    required: BUS,
    secret: false,
    doc: 'NATS; several servers separated by commas. Unset: embedded.',
  },
  {
    name: 'JWT_SECRET',
    kind: 'string',
    minLength: 32,
    roles: ['up', 'control'],
    required: ['control'],
    secret: true,
    doc: 'Signs the tokens of people; at least 32 characters. Unset in `up`: made once and kept in the data folder.',
  },
  {
    name: 'SIGEC_PEPPER',
    kind: 'string',
    minLength: 16,
    roles: ['up', 'edge', 'control'],
    required: ['edge', 'control'],
    secret: true,
    doc: 'Mixed into the hashes of station passwords; at least 16 characters, the same in every process.',
  },
  {
    name: 'SIGEC_HOST',
    kind: 'string',
    default: defaultHost,
    defaultDoc: '127.0.0.1 in `up`, else 0.0.0.0',
    roles: ALL,
    secret: false,
    doc: 'Address that is listened on.',
  },
  {
    name: 'SIGEC_HTTP_PORT',
    kind: 'port',
    default: 8080,
    roles: ['up', 'control'],
    secret: false,
    doc: 'REST and live updates; 0 takes any free port.',
  },
  {
    name: 'SIGEC_OCPP_PORT',
    kind: 'port',
    default: 9000,
    roles: ['up', 'edge'],
    secret: false,
    doc: 'OCPP over WebSocket; 0 takes any free port.',
  },
  {
    name: 'SIGEC_GRPC_PORT',
    kind: 'port',
    roles: ['up', 'control'],
    secret: false,
    doc: 'gRPC (50051 is usual). Reserved.',
  },
  {
    name: 'SIGEC_METRICS_PORT',
    kind: 'port',
    roles: ['up', 'edge', 'worker', 'control'],
    secret: false,
    doc: 'Health and metrics of this process; 0 takes any free port. Unset: none of its own.',
  },
  {
    name: 'SIGEC_OCPP_TLS_PORT',
    kind: 'port',
    roles: ['up', 'edge'],
    secret: false,
    doc: 'OCPP over TLS; needs the certificate and its key.',
  },
  {
    name: 'SIGEC_OCPP_TLS_CERT',
    kind: 'path',
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Certificate chain, PEM file.',
  },
  {
    name: 'SIGEC_OCPP_TLS_KEY',
    kind: 'path',
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Private key of the certificate, PEM file.',
  },
  {
    name: 'SIGEC_OCPP_TLS_CLIENT_CA',
    kind: 'path',
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Who signs the certificates of chargers (security profile 3), PEM file.',
  },
  {
    name: 'SIGEC_DATA_DIR',
    kind: 'path',
    default: '.sigec',
    roles: ['up'],
    secret: false,
    doc: 'Folder of the embedded database and of what is made once.',
  },
  {
    name: 'SIGEC_ADMIN_EMAIL',
    kind: 'email',
    default: ({ role }) => (role === 'up' ? 'admin@sigec.local' : undefined),
    defaultDoc: 'admin@sigec.local in `up`',
    roles: ['up', 'control', 'migrate'],
    secret: false,
    doc: 'The first administrator.',
  },
  {
    name: 'SIGEC_ADMIN_PASSWORD',
    kind: 'string',
    minLength: 8,
    roles: ['up', 'control', 'migrate'],
    secret: true,
    doc: 'Password of the first administrator. Unset in `up`: made, and printed once.',
  },
  {
    name: 'SIGEC_UNKNOWN_STATIONS',
    kind: 'choice',
    values: ['reject', 'accept'],
    default: ({ role, host }) => (role === 'up' && isLoopback(host) ? 'accept' : 'reject'),
    defaultDoc: 'accept in `up` on loopback, else reject',
    roles: ['up', 'edge', 'worker', 'control'],
    secret: false,
    doc: 'What happens to a charger that nobody registered.',
  },
  {
    name: 'SIGEC_HEARTBEAT_INTERVAL',
    kind: 'int',
    default: 300,
    min: 1,
    max: 86_400,
    roles: ['up', 'worker'],
    secret: false,
    doc: 'Seconds between heartbeats, told to chargers at boot.',
  },
  {
    name: 'SIGEC_LOG_LEVEL',
    kind: 'choice',
    values: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    default: 'info',
    roles: ALL,
    secret: false,
    doc: 'Least level that is logged.',
  },
  {
    name: 'SIGEC_LOG_FORMAT',
    kind: 'choice',
    values: ['json', 'pretty'],
    default: ({ tty }) => (tty ? 'pretty' : 'json'),
    defaultDoc: 'pretty on a terminal, else json',
    roles: ALL,
    secret: false,
    doc: 'Shape of the log.',
  },
  {
    name: 'SIGEC_PARTITIONS',
    kind: 'int',
    default: 16,
    min: 1,
    max: 1024,
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Partitions of the uplink; any worker serves any of them.',
  },
  {
    name: 'SIGEC_EDGE_ID',
    kind: 'token',
    default: defaultEdgeId,
    defaultDoc: 'host-pid-random',
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Name of this edge, unique among processes: A-Z a-z 0-9 _ -, at most 64.',
  },
  {
    name: 'SIGEC_MAX_SESSIONS',
    kind: 'int',
    default: 18_000,
    min: 1,
    max: 1_000_000,
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Chargers one edge process takes; file descriptors bound it.',
  },
  {
    name: 'SIGEC_MAX_FRAME_BYTES',
    kind: 'int',
    default: 262_144,
    min: 1024,
    max: 8_388_608,
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Largest frame of a charger in bytes; over it the socket closes with 1009.',
  },
  {
    name: 'SIGEC_PING_INTERVAL',
    kind: 'int',
    default: 30,
    min: 5,
    max: 960,
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Seconds between WebSocket pings to a quiet charger.',
  },
  {
    name: 'SIGEC_CALL_TIMEOUT',
    kind: 'int',
    default: 30,
    min: 1,
    max: 600,
    roles: ['up', 'edge'],
    secret: false,
    doc: 'Seconds an edge resends a CALL of a charger before it answers with an internal error.',
  },
  {
    name: 'SIGEC_COMMAND_TIMEOUT',
    kind: 'int',
    default: 30,
    min: 1,
    max: 600,
    roles: ['up', 'edge', 'control'],
    secret: false,
    doc: 'Seconds a charger has to answer a command.',
  },
  {
    name: 'SIGEC_BATCH_MAX',
    kind: 'int',
    default: 512,
    min: 1,
    max: 10_000,
    roles: ['up', 'edge', 'worker'],
    secret: false,
    doc: 'Most messages in one batch.',
  },
  {
    name: 'SIGEC_MESSAGE_LOG',
    kind: 'switch',
    default: true,
    roles: ['up', 'worker'],
    secret: false,
    doc: 'Keeps every OCPP message for GET /devices/:id/messages.',
  },
  {
    name: 'SIGEC_LOG_RETENTION_DAYS',
    kind: 'int',
    default: 30,
    min: 1,
    max: 3650,
    roles: ['up', 'worker'],
    secret: false,
    doc: 'Days the message log is kept.',
  },
  {
    name: 'SIGEC_METER_RETENTION_DAYS',
    kind: 'int',
    default: 400,
    min: 1,
    max: 3650,
    roles: ['up', 'worker'],
    secret: false,
    doc: 'Days meter samples are kept.',
  },
  {
    name: 'SIGEC_OTEL',
    kind: 'switch',
    default: false,
    roles: ['up', 'edge', 'worker', 'control'],
    secret: false,
    doc: 'OpenTelemetry tracing.',
  },
  {
    name: 'SIGEC_OTEL_RATIO',
    kind: 'ratio',
    default: 0.01,
    min: 0,
    max: 1,
    roles: ['up', 'edge', 'worker', 'control'],
    secret: false,
    doc: 'Share of traces that are kept, 0 to 1.',
  },
  { name: 'GEMINI_API_KEY', kind: 'string', roles: ['up', 'control'], secret: true, doc: 'Voice. Reserved.' },
  {
    name: 'STRIPE_SECRET_KEY',
    kind: 'string',
    roles: ['up', 'control', 'worker'],
    secret: true,
    doc: 'Payments. Reserved.',
  },
  { name: 'STRIPE_WEBHOOK_SECRET', kind: 'string', roles: ['up', 'control'], secret: true, doc: 'Payments. Reserved.' },
  { name: 'SENDGRID_API_KEY', kind: 'string', roles: ['up', 'worker'], secret: true, doc: 'Mail. Reserved.' },
  {
    name: 'TWILIO_ACCOUNT_SID',
    kind: 'string',
    roles: ['up', 'worker'],
    secret: true,
    doc: 'Text messages. Reserved.',
  },
  { name: 'TWILIO_AUTH_TOKEN', kind: 'string', roles: ['up', 'worker'], secret: true, doc: 'Text messages. Reserved.' },
] as const satisfies readonly ConfigRow[];

type Row = (typeof CONFIG_NAMES)[number];
/** A name of the table, as it stands in the environment and in the file. */
export type ConfigName = Row['name'];

type Camel<S extends string> = S extends `${infer A}_${infer B}`
  ? `${Lowercase<A>}${Capitalize<Camel<B>>}`
  : Lowercase<S>;
type Field<N extends string> = N extends `SIGEC_${infer Rest}` ? Camel<Rest> : Camel<N>;

type Present<R> = R extends { kind: 'port' | 'int' | 'ratio' }
  ? number
  : R extends { kind: 'switch' }
    ? boolean
    : R extends { kind: 'choice'; values: readonly (infer V)[] }
      ? V
      : string;
type Value<R> = R extends { default: infer D }
  ? D extends (context: DefaultContext) => infer X
    ? undefined extends X
      ? Present<R> | undefined
      : Present<R>
    : Present<R>
  : Present<R> | undefined;

/** The configuration by field: SIGEC_HTTP_PORT is `httpPort`, DATABASE_URL is `databaseUrl`. */
export type ConfigValues = { readonly [R in Row as Field<R['name']>]: Value<R> };

/** The field of a name: the SIGEC_ goes, the rest becomes camelCase. */
export function fieldOf(name: string): string {
  return name
    .replace(/^SIGEC_/, '')
    .toLowerCase()
    .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
