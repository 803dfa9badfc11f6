import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, type LoadConfigOptions, loadConfig } from './config.js';
import { CONFIG_NAMES } from './config-names.js';
import { configDocs, printConfig } from './config-print.js';
import { fieldOf } from './config-values.js';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sigec-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const load = (options: Partial<LoadConfigOptions> = {}) =>
  loadConfig({ role: 'up', env: {}, cwd, tty: false, ...options });
function problemsOf(options: Partial<LoadConfigOptions>): Record<string, string> {
  try {
    load(options);
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map((p) => [p.name, p.problem]));
    throw error;
  }
  return {};
}

describe('loadConfig', () => {
  it('needs nothing in `up`', () => {
    const config = load();
    expect(config).toMatchObject({
      role: 'up',
      httpPort: 8080,
      ocppPort: 9000,
      host: '127.0.0.1',
      dataDir: '.sigec',
      adminEmail: 'admin@sigec.local',
      unknownStations: 'accept',
      logFormat: 'json',
      messageLog: true,
      otel: false,
    });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.metricsPort).toBeUndefined();
    expect(config.edgeId).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  it('takes overrides, then the environment, then the file, then the default', () => {
    writeFileSync(
      join(cwd, 'sigec.yaml'),
      'SIGEC_HTTP_PORT: 1\nSIGEC_OCPP_PORT: 2\nSIGEC_PARTITIONS: 3\nSIGEC_OTEL: on\n',
    );
    const config = load({
      env: { SIGEC_HTTP_PORT: '11', SIGEC_OCPP_PORT: '12', SIGEC_BATCH_MAX: ' ' },
      overrides: { SIGEC_HTTP_PORT: 21 },
    });
    expect([config.httpPort, config.ocppPort, config.partitions, config.otel, config.batchMax]).toEqual([
      21,
      12,
      3,
      true,
      512,
    ]);
    expect(config.sources).toMatchObject({
      SIGEC_HTTP_PORT: 'override',
      SIGEC_OCPP_PORT: 'env',
      SIGEC_PARTITIONS: 'file',
      SIGEC_BATCH_MAX: 'default',
    });
  });

  it('accepts unknown stations only in `up` on loopback', () => {
    expect(load({ env: { SIGEC_HOST: '0.0.0.0' } }).unknownStations).toBe('reject');
    expect(load({ env: { SIGEC_HOST: '127.0.0.2' } }).unknownStations).toBe('accept');
    expect(
      load({ role: 'migrate', env: { DATABASE_URL: 'postgres://h/d', SIGEC_HOST: '127.0.0.1' } }).unknownStations,
    ).toBe('reject');
  });

  it('names what each role requires, all at once', () => {
    const required = (role: LoadConfigOptions['role']) => Object.keys(problemsOf({ role })).sort();
    expect(required('up')).toEqual([]);
    expect(required('edge')).toEqual(['NATS_URL', 'REDIS_URL', 'SIGEC_PEPPER']);
    expect(required('worker')).toEqual(['DATABASE_URL', 'NATS_URL', 'REDIS_URL']);
    expect(required('control')).toEqual(['DATABASE_URL', 'JWT_SECRET', 'NATS_URL', 'REDIS_URL', 'SIGEC_PEPPER']);
    expect(required('migrate')).toEqual(['DATABASE_URL']);
  });

  it('names every bad value at once, and never shows it', () => {
    const env = {
      DATABASE_URL: 'mysql://root:hunter2@h/d',
      JWT_SECRET: 'hunter2',
      SIGEC_PEPPER: 'hunter2',
      SIGEC_HTTP_PORT: '99999',
      SIGEC_OCPP_PORT: '9e3',
      SIGEC_EDGE_ID: 'a.b',
      SIGEC_OTEL: 'hunter2',
      SIGEC_OTEL_RATIO: '7',
      SIGEC_LOG_LEVEL: 'hunter2',
      SIGEC_ADMIN_EMAIL: 'nobody',
      SIGEC_TRUSTED_PROXIES: '10.0.0.0/8, 10.0.0.0/33',
      SIGEC_CORS_ORIGINS: 'https://a.example,https://b.example/path',
    };
    const problems = problemsOf({ env });
    expect(Object.keys(problems).sort()).toEqual(Object.keys(env).sort());
    expect(JSON.stringify(problems)).not.toContain('hunter2');
    expect(problems.SIGEC_HTTP_PORT).toContain('65535');
  });

  it('takes lists of networks and of origins', () => {
    const env = { SIGEC_TRUSTED_PROXIES: '10.0.0.0/8, ::1,192.0.2.1', SIGEC_CORS_ORIGINS: 'http://localhost:5173' };
    expect(load({ env })).toMatchObject({ trustedProxies: env.SIGEC_TRUSTED_PROXIES, rateLimit: 6000 });
    for (const origin of ['*', 'https://a.example/', 'ftp://a.example', 'null'])
      expect(problemsOf({ env: { SIGEC_CORS_ORIGINS: origin } }), origin).toHaveProperty('SIGEC_CORS_ORIGINS');
  });

  it('names what it does not know, in the environment and in the file', () => {
    writeFileSync(join(cwd, 'sigec.yaml'), 'PORT: 1\nSIGEC_HOST: [a]\n');
    const problems = problemsOf({ env: { SIGEC_HTP_PORT: '1', PATH: '/bin', SIGEC_EDGE_SERVICE_HOST: '10.0.0.1' } });
    expect(Object.keys(problems).sort()).toEqual(['PORT', 'SIGEC_HOST', 'SIGEC_HTP_PORT']);
    expect(problems.SIGEC_HTP_PORT).toContain('did you mean SIGEC_');
  });

  it('says that a file is broken without quoting it', () => {
    writeFileSync(join(cwd, 'sigec.yaml'), 'JWT_SECRET: "hunter2\n');
    const problems = problemsOf({});
    expect(problems['sigec.yaml']).toContain('is not YAML');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
    expect(problemsOf({ file: 'other.yaml' })['other.yaml']).toContain('ENOENT');
  });

  it('checks names against each other', () => {
    expect(problemsOf({ env: { SIGEC_HTTP_PORT: '9000' } })).toHaveProperty('SIGEC_OCPP_PORT');
    expect(problemsOf({ env: { SIGEC_HTTP_PORT: '0', SIGEC_OCPP_PORT: '0' } })).toEqual({});
    expect(problemsOf({ env: { SIGEC_OCPP_TLS_CERT: 'a.pem' } })).toHaveProperty('SIGEC_OCPP_TLS_PORT');
    const tls = { SIGEC_OCPP_TLS_CERT: 'a.pem', SIGEC_OCPP_TLS_KEY: 'b.pem', SIGEC_OCPP_MTLS_PORT: '9002' };
    expect(problemsOf({ env: tls })).toHaveProperty('SIGEC_OCPP_TLS_CLIENT_CA');
    expect(problemsOf({ env: { ...tls, SIGEC_OCPP_TLS_CLIENT_CA: 'c.pem' } })).toEqual({});
    expect(problemsOf({ env: { SIGEC_OCPP_TLS_CLIENT_CRL: 'a.pem' } })).toHaveProperty('SIGEC_OCPP_MTLS_PORT');
    expect(problemsOf({ env: { SIGEC_NATS_TLS_KEY: 'a.pem' } })).toHaveProperty('SIGEC_NATS_TLS_CERT');
    const plain = { REDIS_URL: 'redis://h', SIGEC_REDIS_TLS_CA: 'a.pem' };
    expect(problemsOf({ env: plain })).toHaveProperty('SIGEC_REDIS_TLS_CA');
  });
});

describe('printConfig', () => {
  it('shows every name once, masks secrets and the user part of URLs', () => {
    const config = load({
      env: { JWT_SECRET: 'hunter2'.repeat(6), NATS_URL: 'nats://u:hunter2@a:1,nats://hunter2@b:2', SIGEC_OTEL: 'on' },
    });
    const printed = printConfig(config);
    expect(printed.map(({ name }) => name)).toEqual(CONFIG_NAMES.map(({ name }) => name));
    expect(JSON.stringify(printed)).not.toContain('hunter2');
    expect(printed.find(({ name }) => name === 'NATS_URL')).toEqual({
      name: 'NATS_URL',
      value: 'nats://***@a:1,nats://***@b:2',
      source: 'env',
    });
    expect(printed.find(({ name }) => name === 'SIGEC_OTEL')?.value).toBe('on');
    expect(printed.find(({ name }) => name === 'REDIS_URL')?.value).toBe('');
  });

  it('has a row of docs for each name, and a field of its own for each', () => {
    for (const { name } of CONFIG_NAMES) expect(configDocs()).toContain(`\`${name}\``);
    expect(new Set(CONFIG_NAMES.map(({ name }) => fieldOf(name))).size).toBe(CONFIG_NAMES.length);
    expect(fieldOf('SIGEC_OCPP_TLS_CLIENT_CA')).toBe('ocppTlsClientCa');
  });
});
