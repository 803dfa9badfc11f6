import type { CommandReply } from '@sigec/contract';
import { describe, expect, it } from 'vitest';
import { type Command, Commands } from './commands.js';

function command(id: string, more: { deadline?: number; action?: string; payload?: string } = {}) {
  const replies: CommandReply[] = [];
  const made: Command = {
    envelope: { type: 'command', id, action: more.action ?? 'Reset', payload: more.payload ?? '{}', timeoutMs: 1 },
    deadline: more.deadline ?? 1000,
    answer: (reply) => replies.push(reply),
  };
  return { ...made, replies };
}

describe('Commands', () => {
  it('lets one go at a time, in order', () => {
    const commands = new Commands();
    const [a, b] = [command('a'), command('b')];
    commands.add(a);
    commands.add(b);
    expect(commands.next(true)?.envelope.id).toBe('a');
    expect(commands.next(true)).toBeNull();
    expect(commands.settle('b', { status: 'result', payload: '{}' })).toBeNull();
    expect(commands.settle('a', { status: 'result', payload: '{}' })?.envelope.id).toBe('a');
    expect([a.replies, b.replies]).toEqual([[{ status: 'result', payload: '{}' }], []]);
    expect(commands.next(true)?.envelope.id).toBe('b');
    expect(commands.empty).toBe(false);
  });

  it('23: before the boot only what asks for it may go, past those that wait', () => {
    const commands = new Commands();
    const trigger = { action: 'TriggerMessage', payload: '{"requestedMessage":"BootNotification"}' };
    for (const one of [
      command('reset'),
      command('status', { ...trigger, payload: '{"requestedMessage":"Heartbeat"}' }),
      command('boot', trigger),
    ])
      commands.add(one);
    expect(commands.next(false)?.envelope.id).toBe('boot');
    commands.settle('boot', { status: 'result', payload: '{}' });
    expect(commands.next(false)).toBeNull();
    expect([commands.next(true)?.envelope.id, commands.empty]).toEqual(['reset', false]);
  });

  it('is busy beyond its bound', () => {
    const commands = new Commands();
    const all = Array.from({ length: 34 }, (_, n) => command(String(n)));
    commands.add(all[0] as Command);
    commands.next(true);
    for (const one of all.slice(1)) commands.add(one);
    expect(all.flatMap((one) => one.replies.map((reply) => reply.status))).toEqual(['busy']);
    expect(all[33]?.replies).toHaveLength(1);
  });

  it('5: each ends once: answered, timed out in flight or in the queue, lost, or free to go elsewhere', () => {
    const commands = new Commands();
    const [slow, late, sent, waiting] = [
      command('slow', { deadline: 10 }),
      command('late', { deadline: 10 }),
      command('sent'),
      command('waiting'),
    ];
    for (const one of [slow, late, sent, waiting]) commands.add(one);
    commands.next(true);
    commands.expire(9);
    expect([slow.replies, late.replies]).toEqual([[], []]);
    commands.expire(10);
    expect([slow.replies, late.replies]).toEqual([[{ status: 'timeout' }], [{ status: 'timeout' }]]);
    expect(commands.settle('slow', { status: 'result', payload: '{}' })).toBeNull();
    expect(commands.next(true)?.envelope.id).toBe('sent');
    commands.abandon();
    expect([sent.replies, waiting.replies]).toEqual([[{ status: 'lost' }], [{ status: 'moved' }]]);
    expect(commands.empty).toBe(true);
    commands.abandon();
    commands.expire(99_999);
    for (const one of [slow, late, sent, waiting]) expect(one.replies).toHaveLength(1);
  });
});
