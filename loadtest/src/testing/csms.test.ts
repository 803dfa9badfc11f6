/** The CSMS of these tests takes what stations do to it, or every suite that uses it fails for another's reason. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { acceptOf, newKey, parseEndpoint, upgradeRequest } from '../ws/handshake.js';
import { type Csms, startCsms } from './csms.js';

let csms: Csms;
afterEach(() => csms.close());

/** Asks to upgrade; the answer's head, read to where the socket may be reset. */
async function ask(key: string): Promise<{ head: string; reset: () => Promise<unknown> }> {
  const endpoint = parseEndpoint(csms.url);
  const socket = connect(endpoint.port, endpoint.host);
  await once(socket, 'connect');
  socket.write(upgradeRequest({ endpoint, identity: 'CP1', subprotocol: 'ocpp1.6', key }));
  const [head] = await once(socket, 'data');
  return {
    head: String(head),
    reset: () => {
      socket.resetAndDestroy();
      return once(socket, 'close');
    },
  };
}

it('outlives stations that reset where they are refused', async () => {
  csms = await startCsms({ refuse: (_request, attempt) => (attempt < 3 ? 503 : 0) });
  for (const _ of [1, 2]) {
    const { head, reset } = await ask(newKey());
    expect(head).toMatch(/^HTTP\/1\.1 503 /);
    await reset();
  }
  const key = newKey();
  const { head, reset } = await ask(key);
  expect(head).toContain(acceptOf(key));
  await reset();
});
