import { createMemoryBus } from '@sigec/bus';
import { edgeSubject, REPLY, type ReplyItem, UPLINK, unpackReplies } from '@sigec/contract';
import { readEnvelope } from '@sigec/ocpp';
import { describe, expect, it } from 'vitest';
import { answered, refused, stale, wantsFrame } from './outcome.js';
import { Replies } from './replies.js';
import { callItem, from, memoryLogger, until } from './testing/fixtures.js';

describe('outcomes', () => {
  const asked = from(callItem('ocpp1.6', 'Heartbeat', {}, { id: 'a"b\\' }));

  it('are frames that answer the message id as it came', () => {
    const result = answered(asked, { currentTime: 'now' }, 1);
    expect(readEnvelope(result.frame)).toEqual({ kind: 'result', id: 'a"b\\', payload: '{"currentTime":"now"}' });
    expect(result).toMatchObject({ type: 'result', text: '{"currentTime":"now"}', booted: 1 });
    const error = refused(asked, { code: 'TypeConstraintViolation', description: 'd', details: { path: '/a' } });
    expect(readEnvelope(error.frame)).toMatchObject({
      kind: 'error',
      id: 'a"b\\',
      code: 'TypeConstraintViolation',
      details: '{"path":"/a"}',
    });
    expect(error.booted).toBe(-1);
    expect(stale(asked)).toMatchObject({ type: 'stale', frame: '' });
  });

  it('of a SEND have no frame', () => {
    expect(wantsFrame(asked.item)).toBe(true);
    expect(wantsFrame(callItem('ocpp2.1', 'NotifyPeriodicEventStream', {}, { kind: UPLINK.send }))).toBe(false);
  });
});

describe('Replies', () => {
  const frame = (seq: number, size: number): ReplyItem => ({
    kind: REPLY.frame,
    seq,
    text: 'x'.repeat(size),
    booted: -1,
  });

  it('go to each edge in one message, split where that would be too large for the bus', async () => {
    const hub = createMemoryBus();
    const bus = hub.connect('worker');
    const got: Record<string, number[][]> = { e1: [], e2: [] };
    for (const edge of ['e1', 'e2'])
      bus.subscribe(edgeSubject(edge), ({ data }) => got[edge]?.push(unpackReplies(data).map((reply) => reply.seq)));
    const replies = new Replies();
    for (let seq = 0; seq < 9; seq++) replies.add('e1', frame(seq, 200_000));
    replies.add('e2', frame(1, 10));
    replies.add('e2', frame(2, 10));
    replies.send(bus, memoryLogger().logger);
    await until(() => got.e1?.flat().length === 9 && got.e2?.flat().length === 2, 'replies arrive');
    expect(got.e2).toEqual([[1, 2]]);
    expect(got.e1?.length).toBeGreaterThan(1);
    expect(got.e1?.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    await bus.close();
  });

  it('are lost without harm while the bus is away, and one that is too large costs nobody else', async () => {
    const hub = createMemoryBus();
    const bus = hub.connect('worker');
    const { logger, lines } = memoryLogger();
    const seen: number[] = [];
    bus.subscribe(edgeSubject('e2'), ({ data }) => {
      seen.push(...unpackReplies(data).map((reply) => reply.seq));
    });
    hub.disconnectAll();
    const lost = new Replies();
    lost.add('e2', frame(3, 10));
    lost.send(bus, logger);
    expect(lines).toEqual([]);
    hub.reconnectAll();
    const replies = new Replies();
    replies.add('e1', frame(1, 2_000_000));
    replies.add('e2', frame(2, 10));
    replies.send(bus, logger);
    await until(() => seen.length > 0, 'the other edge hears');
    expect(seen).toEqual([2]);
    expect(lines.join()).toContain('replies not sent');
    await bus.close();
  });
});
