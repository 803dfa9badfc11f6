/** The ceiling of REST: a Hono application that says hello, on the server that the control role has. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { serve } from './serve.js';

serve(async () => {
  const app = new Hono().get('/devices/:id', (context) => context.text('hello'));
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
});
