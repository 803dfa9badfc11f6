/**
 * How long a request may take to come in. Node knows one limit for all; files of chargers on a slow line need a long one,
 * so all the others are held to a short one here.
 */
import type { IncomingMessage, Server } from 'node:http';

/** Of a file, ms. */
export const FILE_TIMEOUT_MS = 1_200_000;
const BODY_TIMEOUT_MS = 30_000;

const isFile = ({ url = '' }: IncomingMessage): boolean =>
  url.startsWith('/uploads/') || /^\/api\/v1\/firmwares\/\d+\/file(?:\?|$)/.test(url);

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

/** Cuts off requests whose body does not come. */
export function limitBodies(server: Server): void {
  server.on('request', (request) => {
    if (!hasBody(request) || isFile(request)) return;
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, BODY_TIMEOUT_MS);
    timer.unref();
    request.once('end', () => clearTimeout(timer));
    request.once('close', () => clearTimeout(timer));
  });
}
