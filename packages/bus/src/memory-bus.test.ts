import { describe, expect, it } from 'vitest';
import { busContract, until } from './bus.contract.js';
import { createMemoryBus } from './memory-bus.js';

describe('memory bus', () => {
  const hub = createMemoryBus();
  busContract(() => ({
    connect: async (name) => hub.connect(name),
    down: async () => hub.disconnectAll(),
    up: async () => hub.reconnectAll(),
  }));

  it('loses what is on its way when the connection is lost, as a network does', async () => {
    const [a, b] = [hub.connect('a'), hub.connect('b')];
    const got: string[] = [];
    b.subscribe('lost', ({ subject }) => got.push(subject));
    a.publish('lost', new Uint8Array(1));
    hub.disconnectAll('b');
    expect(a.status).toBe('connected');
    expect(b.status).toBe('disconnected');
    hub.reconnectAll('b');
    a.publish('lost', new Uint8Array(1));
    await until(() => got.length > 0, 'the second');
    expect(got).toEqual(['lost']);
    await Promise.all([a.close(), b.close()]);
  });

  it('passes over who is disconnected, and reports when nobody is left', async () => {
    const [a, b] = [hub.connect('a'), hub.connect('b')];
    b.subscribe('who', (message) => message.respond(new Uint8Array(1)), { queue: 'g' });
    expect(await a.request('who', new Uint8Array(0), 1000)).toHaveLength(1);
    hub.disconnectAll('b');
    await expect(a.request('who', new Uint8Array(0), 1000)).rejects.toThrow('nobody listens');
    await Promise.all([a.close(), b.close()]);
  });

  it('bounds what is on its way', async () => {
    const a = hub.connect('a');
    a.subscribe('big', () => {});
    const data = new Uint8Array(a.maxPayload);
    expect(() => {
      for (let i = 0; i < 300; i++) a.publish('big', data);
    }).toThrow('takes less than is published');
    await a.flush();
    a.publish('big', data);
    await a.close();
  });
});
