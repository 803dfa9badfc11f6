/** The small HTTP server of a role that has no other: health and metrics. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HealthRegistry, HealthReport } from './health.js';
import type { Metrics } from './metrics.js';

export interface OpsServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly health: HealthRegistry;
  readonly metrics: Metrics;
}

export interface OpsServer {
  readonly port: number;
  close(): Promise<void>;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function report(response: ServerResponse, result: HealthReport): void {
  send(response, result.ok ? 200 : 503, 'application/json', JSON.stringify(result));
}

/** Serves GET /health/live, /health/ready and /metrics. Rejects where the port cannot be had. */
export function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const routes: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    '/health/live': (response) => report(response, options.health.live()),
    '/health/ready': async (response) => report(response, await options.health.ready()),
    '/metrics': async (response) => send(response, 200, options.metrics.contentType, await options.metrics.render()),
  };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route) return send(response, 404, 'text/plain', 'not found\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'only GET\n');
    Promise.resolve(route(response)).catch(() => {
      if (!response.headersSent) send(response, 500, 'text/plain', 'failed\n');
      else response.destroy();
    });
  });
  server.maxConnections = 256;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}
