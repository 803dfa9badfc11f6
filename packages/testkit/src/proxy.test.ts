import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTcpProxy, type TcpProxy } from './proxy.js';

let echo: Server;
let proxy: TcpProxy;
const clients: Socket[] = [];
beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startTcpProxy((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  echo.close();
});

async function open(): Promise<Socket> {
  const client = connect(proxy.port, '127.0.0.1');
  client.on('error', () => {});
  clients.push(client);
  await once(client, 'connect');
  return client;
}
const ask = async (client: Socket, text: string): Promise<string> => {
  client.write(text);
  const [answer] = await once(client, 'data');
  return String(answer);
};

it('passes, holds without losing a byte, cuts and heals', async () => {
  const client = await open();
  expect(await ask(client, 'one')).toBe('one');
  expect(proxy.connections).toBe(1);

  proxy.hold();
  const answer = ask(client, 'two');
  const late = new Promise((resolve) => setTimeout(resolve, 50, 'nothing'));
  expect(await Promise.race([answer, late])).toBe('nothing');
  await proxy.heal();
  expect(await answer).toBe('two');

  const closed = new Promise((resolve) => client.once('close', resolve));
  await proxy.cut();
  await closed;
  const refused = connect(proxy.port, '127.0.0.1');
  clients.push(refused);
  const [error] = await once(refused, 'error');
  expect((error as NodeJS.ErrnoException).code).toBe('ECONNREFUSED');

  await proxy.heal();
  expect(await ask(await open(), 'three')).toBe('three');
});

it('slows: each byte is late, and none is lost or out of order', async () => {
  const client = await open();
  proxy.slow({ latencyMs: 40, bytesPerSecond: 1_000_000 });
  const began = performance.now();
  expect(await ask(client, 'one')).toBe('one');
  // Twice through the proxy; a timer may fire a millisecond early.
  expect(performance.now() - began).toBeGreaterThan(76);
  let heard = '';
  client.on('data', (bytes: Buffer) => {
    heard += String(bytes);
  });
  for (let n = 0; n < 10; n++) client.write(`${n};`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heard).toBe('');
  await proxy.heal();
  client.write('end');
  while (!heard.endsWith('end')) await once(client, 'data');
  expect(heard).toBe('0;1;2;3;4;5;6;7;8;9;end');
});

it('half open: what is lost is lost, the other way works, and healing resets who lost a byte', async () => {
  const [loser, other] = [await open(), await open()];
  proxy.halfOpen('up');
  let heard = '';
  loser.on('data', (bytes: Buffer) => {
    heard += String(bytes);
  });
  const closed = new Promise((resolve) => loser.once('close', resolve));
  loser.write('lost');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([heard, loser.destroyed]).toEqual(['', false]);
  await proxy.heal();
  await closed;
  expect(await ask(other, 'kept')).toBe('kept');
});
