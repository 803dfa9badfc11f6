/** A port that another process of the machine has is waited for, where that is wanted. */
import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { until } from '../testing/fixtures.js';
import { listenOn } from './listen-on.js';

const servers: Server[] = [];
const server = () => {
  const made = createServer();
  servers.push(made);
  return made;
};
afterEach(() => {
  for (const one of servers.splice(0)) if (one.listening) one.close();
});

const at = (port: number, waits: boolean) => ({ host: '127.0.0.1', port, waits, name: 'SIGEC_OCPP_MTLS_PORT' });

it('one has the port, the next takes it over; who does not wait says whose port it is', async () => {
  const first = await listenOn(server(), at(0, true));
  const { port } = first;
  await expect(listenOn(server(), at(port, false))).rejects.toThrow(/SIGEC_OCPP_MTLS_PORT: .*EADDRINUSE/);
  const second = await listenOn(server(), at(port, true));
  const third = await listenOn(server(), at(port, true));
  expect([second.port, third.port]).toEqual([0, 0]);
  third.stop();
  first.stop();
  await until(() => second.port === port, 'the port is taken over');
  expect(third.port).toBe(0);
  second.stop();
});
