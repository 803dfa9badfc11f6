/** Loads the configuration: environment first, then `sigec.yaml`, defaults last; every error is named at once. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { CONFIG_NAMES } from './config-names.js';
import type { ConfigRow, Role } from './config-row.js';
import { schemaOf } from './config-schema.js';
import { type ConfigName, type ConfigValues, fieldOf } from './config-values.js';

export type ConfigSource = 'override' | 'env' | 'file' | 'default';

export type SigecConfig = ConfigValues & {
  readonly role: Role;
  /** Where each name's value came from. */
  readonly sources: Readonly<Record<ConfigName, ConfigSource>>;
};

export interface ConfigProblem {
  readonly name: string;
  /** What is wrong; never holds the value. */
  readonly problem: string;
}

/** Everything that is wrong with the configuration. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly temporary = false;
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(`configuration: ${problems.map(({ name, problem }) => `${name} ${problem}`).join('; ')}`);
  }
}

export interface LoadConfigOptions {
  readonly role: Role;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `sigec.yaml` is looked for. */
  readonly cwd: string;
  /** A file instead of `sigec.yaml`; it must exist. */
  readonly file?: string;
  /** Flags of the command line; they go before the environment. */
  readonly overrides?: Readonly<Partial<Record<ConfigName, string | number | boolean>>>;
  /** Whether the log goes to a terminal; asked of standard output where not given. */
  readonly tty?: boolean;
}

const ROWS: readonly ConfigRow[] = CONFIG_NAMES;
const KNOWN = new Set(ROWS.map((row) => row.name));

/** Kubernetes puts these into each container for a Service whose name begins with "sigec"; they are nobody's typo. */
const isServiceLink = (name: string, value: string): boolean =>
  /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name) || /^(tcp|udp|sctp):\/\//.test(value);

/** The known name that differs least, if it is near. */
function nearest(name: string): string {
  const parts = new Set(name.split('_'));
  const score = (row: ConfigRow) =>
    row.name.split('_').filter((part) => parts.has(part)).length / row.name.split('_').length;
  const best = [...ROWS].sort((a, b) => score(b) - score(a))[0];
  return best && score(best) > 0.5 ? `; did you mean ${best.name}?` : '';
}

function readFile(options: LoadConfigOptions, problems: ConfigProblem[]): Map<string, string> {
  const values = new Map<string, string>();
  const name = options.file ?? 'sigec.yaml';
  let text: string;
  try {
    text = readFileSync(resolve(options.cwd, name), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    if (options.file !== undefined || code !== 'ENOENT') problems.push({ name, problem: `cannot be read (${code})` });
    return values;
  }
  // Most processes have no file, and start without what reads it.
  const { parseDocument } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  const document = parseDocument(text, { prettyErrors: true });
  const broken = document.errors[0];
  if (broken) {
    // The parser's own message quotes the line, which may hold a secret.
    problems.push({ name, problem: `is not YAML (${broken.code}, line ${broken.linePos?.[0].line ?? '?'})` });
    return values;
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 10 });
  } catch {
    problems.push({ name, problem: 'is not YAML (aliases)' });
    return values;
  }
  if (content === null || content === undefined) return values;
  if (typeof content !== 'object' || Array.isArray(content)) {
    problems.push({ name, problem: 'must be a map of names to values' });
    return values;
  }
  for (const [key, value] of Object.entries(content as Record<string, unknown>)) {
    if (!KNOWN.has(key)) problems.push({ name: key, problem: `in ${name} is not a known name${nearest(key)}` });
    else if (value === null) continue;
    else if (typeof value === 'object') problems.push({ name: key, problem: `in ${name} must be a single value` });
    else values.set(key, String(value));
  }
  return values;
}

/** What the listeners below TLS need of each other; an address of no use is as much an error as one that is missing. */
function relateTls(config: ConfigValues, problems: ConfigProblem[]): void {
  const { ocppTlsPort, ocppMtlsPort, ocppLegacyTlsPort, ocppTlsCert, ocppTlsKey } = config;
  const { ocppTlsClientCa, ocppTlsClientCrl } = config;
  const ports = [ocppTlsPort, ocppMtlsPort, ocppLegacyTlsPort];
  const files = [ocppTlsCert, ocppTlsKey];
  const listens = ports.some((port) => port !== undefined);
  if ((listens || files.some((file) => file !== undefined)) && (!listens || files.includes(undefined))) {
    problems.push({
      name: 'SIGEC_OCPP_TLS_PORT',
      problem: 'needs SIGEC_OCPP_TLS_CERT and SIGEC_OCPP_TLS_KEY, and they need it (or the mutual or legacy one)',
    });
  }
  if (ocppMtlsPort !== undefined && ocppTlsClientCa === undefined)
    problems.push({ name: 'SIGEC_OCPP_TLS_CLIENT_CA', problem: 'is needed by SIGEC_OCPP_MTLS_PORT' });
  if (ocppMtlsPort === undefined && (ocppTlsClientCa ?? ocppTlsClientCrl) !== undefined) {
    problems.push({
      name: 'SIGEC_OCPP_MTLS_PORT',
      problem: 'is needed by SIGEC_OCPP_TLS_CLIENT_CA and SIGEC_OCPP_TLS_CLIENT_CRL',
    });
  }
}

/** Rules between names. */
function relate(config: ConfigValues, role: Role, problems: ConfigProblem[]): void {
  relateTls(config, problems);
  if ((config.natsTlsCert === undefined) !== (config.natsTlsKey === undefined))
    problems.push({ name: 'SIGEC_NATS_TLS_CERT', problem: 'needs SIGEC_NATS_TLS_KEY, and it needs the certificate' });
  if (config.redisTlsCa !== undefined && config.redisUrl?.startsWith('rediss:') === false)
    problems.push({ name: 'SIGEC_REDIS_TLS_CA', problem: 'needs a REDIS_URL that begins with rediss://' });
  if ((config.caCert === undefined) !== (config.caKey === undefined))
    problems.push({ name: 'SIGEC_CA_CERT', problem: 'needs SIGEC_CA_KEY, and it needs the certificate' });
  if (config.caUrl !== undefined && config.caCert !== undefined)
    problems.push({
      name: 'SIGEC_CA_URL',
      problem: 'is another authority than that of SIGEC_CA_CERT: set one of them',
    });
  const ports = new Map<number, string>();
  for (const row of ROWS) {
    if (row.kind !== 'port' || !row.roles.includes(role)) continue;
    const port = (config as Readonly<Record<string, unknown>>)[fieldOf(row.name)];
    if (typeof port !== 'number' || port === 0) continue;
    const other = ports.get(port);
    if (other) problems.push({ name: row.name, problem: `is the same port as ${other}` });
    ports.set(port, row.name);
  }
}

/**
 * Reads and checks the configuration of a role. An empty value counts as unset.
 * @throws {ConfigError} naming every problem at once, never the value of a secret
 */
export function loadConfig(options: LoadConfigOptions): SigecConfig {
  const problems: ConfigProblem[] = [];
  const file = readFile(options, problems);
  for (const [name, value] of Object.entries(options.env)) {
    if (!name.startsWith('SIGEC_') || KNOWN.has(name) || value === undefined || isServiceLink(name, value)) continue;
    problems.push({ name, problem: `is not a known name${nearest(name)}` });
  }
  const values: Record<string, unknown> = {};
  const sources: Record<string, ConfigSource> = {};
  const context = { role: options.role, tty: options.tty ?? process.stdout.isTTY === true, host: '' };
  const places: readonly (readonly [ConfigSource, (name: string) => string | undefined])[] = [
    ['override', (name) => options.overrides?.[name as ConfigName]?.toString()],
    ['env', (name) => options.env[name]],
    ['file', (name) => file.get(name)],
  ];
  for (const row of ROWS) {
    const found = places.map(([source, read]) => ({ source, text: read(row.name)?.trim() })).find(({ text }) => text);
    sources[row.name] = found?.source ?? 'default';
    let value: unknown;
    if (found) {
      const result = schemaOf(row).safeParse(found.text);
      if (result.success) value = result.data;
      else problems.push({ name: row.name, problem: result.error.issues[0]?.message ?? 'is not valid' });
    } else {
      value = typeof row.default === 'function' ? row.default(context) : row.default;
      if (row.required?.includes(options.role))
        problems.push({ name: row.name, problem: `is required by ${options.role}` });
    }
    values[fieldOf(row.name)] = value;
    // The host stands before what depends on it in the table.
    if (row.name === 'SIGEC_HOST') context.host = String(value ?? '');
  }
  const config = { ...values, role: options.role, sources } as SigecConfig;
  if (problems.length === 0) relate(config, options.role, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}
