/** Puts the control API into a process. */
import type { Cache } from '@sigec/cache';
import { EDGE_LEASES, WORKER_LEASES } from '@sigec/contract';
import { type ControlServer, startControl } from '@sigec/control';
import { type HealthRegistry, isLoopback } from '@sigec/runtime';
import type { Database } from '@sigec/store';
import type { Host } from '../host.js';
import type { Seams } from '../seams.js';

export interface ControlSecrets {
  readonly jwtSecret: string;
  readonly pepper: string;
}

export async function putControl(
  host: Host,
  { bus, cache }: Seams,
  db: Database,
  { jwtSecret, pepper }: ControlSecrets,
): Promise<ControlServer> {
  const { config, logger, metrics, health, shutdown } = host;
  const server = await startControl({
    bus,
    cache,
    db,
    logger,
    metrics,
    health,
    host: config.host,
    port: config.httpPort,
    config: {
      jwtSecret,
      jwtAlgorithm: config.jwtAlg,
      registration: config.registration,
      registrationTenant: config.registrationTenant,
      oidc: oidcOf(config),
      pepper,
      commandTimeoutMs: config.commandTimeout * 1000,
      publicUrl: config.publicUrl ?? loopbackUrl(config.host, config.httpPort),
      trustedProxies: listOf(config.trustedProxies),
      corsOrigins: listOf(config.corsOrigins),
      rateLimit: config.rateLimit,
      certificates: certificatesOf(config),
      provisioning: { on: config.provisioning, perSecond: config.provisioningRate },
      uploadMaxBytes: config.uploadMaxMb * 1_048_576,
      uploadDays: config.uploadRetentionDays,
      live: { most: config.liveMax, tenant: config.liveMaxTenant, user: config.liveMaxUser },
      webhooks: {
        private: config.webhookPrivate,
        days: config.webhookRetentionDays,
        pauseHours: config.webhookPauseHours,
      },
    },
  });
  shutdown.onShutdown('control', () => server.close());
  registerFleet(health, cache);
  return server;
}

/** Chargers on this machine reach us there; of another address nobody but the operator knows. */
function loopbackUrl(host: string, port: number): string | undefined {
  if (!isLoopback(host) || port === 0) return undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Who issues certificates for chargers. */
function certificatesOf({ caUrl: url, caToken: token, caCert, caKey, certificateDays: days }: Host['config']) {
  const external = url === undefined ? undefined : { url, token };
  // One without the other is told by its name when it is read.
  const files =
    caCert === undefined && caKey === undefined ? undefined : { certificate: caCert ?? '', key: caKey ?? '' };
  return { external, files, days };
}

/** The login provider. @throws {Error} that names what is missing */
function oidcOf({
  oidcIssuer: issuer,
  oidcClientId: clientId,
  oidcClientSecret: clientSecret,
  ...rest
}: Host['config']) {
  if (issuer === undefined) return undefined;
  if (clientId === undefined) throw new Error('SIGEC_OIDC_CLIENT_ID: must be set where SIGEC_OIDC_ISSUER is');
  const own = rest.publicUrl ?? loopbackUrl(rest.host, rest.httpPort);
  const redirectUrl = rest.oidcRedirectUrl ?? (own === undefined ? undefined : new URL('/login', own).toString());
  if (redirectUrl === undefined) throw new Error('SIGEC_OIDC_REDIRECT_URL: must be set where SIGEC_PUBLIC_URL is not');
  return { issuer, clientId, clientSecret, redirectUrl };
}

/** What stands between the commas. */
const listOf = (text: string | undefined): string[] =>
  text === undefined ? [] : text.split(',').map((part) => part.trim());

/** Ready means that a charger could connect and be served: an edge to connect to, a worker to serve it. */
function registerFleet(health: HealthRegistry, cache: Cache): void {
  for (const [name, group] of [
    ['edges', EDGE_LEASES],
    ['workers', WORKER_LEASES],
  ] as const) {
    health.register(name, async () => {
      const living = (await cache.leases(group)).length;
      if (living === 0) throw new Error(`no ${name}`);
      return String(living);
    });
  }
}
