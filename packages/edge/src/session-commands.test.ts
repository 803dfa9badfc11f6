import { REPLY } from '@sigec/contract';
import { writeResult } from '@sigec/ocpp';
import { describe, expect, it } from 'vitest';
import { turns } from './testing/fixtures.js';
import { command } from './testing/sessions.js';
import { call, callsTo, result, type Sessions, useSessions } from './testing/use-sessions.js';

let { edge, worker, control } = {} as Sessions;
useSessions((sessions) => {
  ({ edge, worker, control } = sessions);
});

describe('commands', () => {
  it('16: one CALL is on its way to the charger, the next goes when it is answered', async () => {
    const { session, socket } = edge.open();
    await turns();
    const [a, b] = [command(control, 'Reset', { type: 'Soft' }), command(control, 'ClearCache')];
    await turns();
    expect(socket.frames).toEqual([[2, a.id, 'Reset', { type: 'Soft' }]]);
    session.message(result('nobody'));
    expect(callsTo(socket)).toEqual([a.id]);
    session.message(result(a.id, '{"status":"Accepted"}'));
    expect(callsTo(socket)).toEqual([a.id, b.id]);
    session.message(`[4,"${b.id}","NotSupported","no",{"why":1}]`);
    expect(await a.reply).toEqual({ status: 'result', payload: '{"status":"Accepted"}' });
    const error = { status: 'error', code: 'NotSupported', description: 'no', details: '{"why":1}' };
    expect(await b.reply).toEqual(error);
  });

  it('23: wait for the boot, except the one that asks for it', async () => {
    const { session, socket } = edge.open({ booted: false });
    await turns();
    const reset = command(control, 'Reset');
    const trigger = command(control, 'TriggerMessage', { requestedMessage: 'BootNotification' });
    await turns();
    expect(callsTo(socket)).toEqual([trigger.id]);
    session.message(result(trigger.id, '{"status":"Accepted"}'));
    session.message(call('boot', 'BootNotification'));
    await turns();
    expect(socket.frames.slice(1)).toEqual([
      [3, 'boot', {}],
      [2, reset.id, 'Reset', {}],
    ]);
  });

  it('23: wait again after a boot that was not accepted', async () => {
    worker.onCall = ({ id, seq }) => ({ kind: REPLY.frame, seq, text: writeResult(id, {}), booted: 0 });
    const { session, socket } = edge.open({ booted: true });
    session.message(call('boot', 'BootNotification'));
    await turns();
    command(control, 'Reset');
    await turns();
    expect(callsTo(socket)).toEqual([]);
  });

  it('5: end by timeout in flight and in the queue; the late answer is nobody’s, the next goes on', async () => {
    const { session, socket } = edge.open();
    await turns();
    const [slow, late] = [command(control, 'Reset', {}, 1_000), command(control, 'Reset', {}, 1_000)];
    const next = command(control, 'ClearCache', {}, 60_000);
    await turns();
    session.tick(Date.now() + 2_000);
    expect([await slow.reply, await late.reply]).toEqual([{ status: 'timeout' }, { status: 'timeout' }]);
    expect(callsTo(socket)).toEqual([slow.id, next.id]);
    session.message(result(slow.id));
    session.message(result(next.id, '{"status":"Accepted"}'));
    expect(await next.reply).toMatchObject({ status: 'result' });
  });

  it('5: end where the socket closes: what was sent is lost, what waited can go elsewhere', async () => {
    const { session } = edge.open();
    await turns();
    const [sent, waiting] = [command(control, 'Reset'), command(control, 'Reset')];
    await turns();
    session.closed(1006);
    expect([await sent.reply, await waiting.reply]).toEqual([{ status: 'lost' }, { status: 'moved' }]);
    await expect(command(control, 'Reset').reply).rejects.toThrow('nobody listens');
  });

  it('6: are refused as busy beyond their bound', async () => {
    edge.open();
    await turns();
    const all = Array.from({ length: 34 }, () => command(control, 'Reset'));
    expect(await all[33]?.reply).toEqual({ status: 'busy' });
  });

  it('17, 42: a heartbeat is answered while a command is open', async () => {
    const { session, socket } = edge.open();
    await turns();
    command(control, 'GetDiagnostics');
    await turns();
    session.message(call('h1'));
    await turns();
    expect(socket.frames.at(-1)).toEqual([3, 'h1', {}]);
  });
});

describe('the message log', () => {
  it('has commands and their answers, without their secrets', async () => {
    const { session } = edge.open();
    await turns();
    const set = command(control, 'ChangeConfiguration', { key: 'AuthorizationKey', value: 'hunter2' });
    const get = command(control, 'GetConfiguration', { key: ['AuthorizationKey'] });
    await turns();
    session.message(result(set.id, '{"status":"Accepted"}'));
    const told = '{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":"hunter2"}]}';
    session.message(result(get.id, told));
    await turns();
    expect(worker.records.map(({ direction, type, action }) => [direction, type, action])).toEqual([
      ['out', 'call', 'ChangeConfiguration'],
      ['in', 'result', 'ChangeConfiguration'],
      ['out', 'call', 'GetConfiguration'],
      ['in', 'result', 'GetConfiguration'],
    ]);
    expect(JSON.stringify(worker.records)).not.toContain('hunter2');
    expect(edge.lines.join()).not.toContain('hunter2');
    // The operator gets what the charger said.
    expect(await get.reply).toEqual({ status: 'result', payload: told });
  });

  it('has no secret either where a charger quotes what it was sent', async () => {
    const { session } = edge.open();
    await turns();
    const { id } = command(control, 'ChangeConfiguration', { key: 'AuthorizationKey', value: 'hunter2' });
    await turns();
    session.message(`[4,"${id}","PropertyConstraintViolation","hunter2 is too short",{"value":"hunter2"}]`);
    await turns();
    expect(worker.records.map(({ type }) => type)).toEqual(['call', 'error']);
    expect(JSON.stringify(worker.records)).toContain('is too short');
    expect(JSON.stringify(worker.records)).not.toContain('hunter2');
  });

  it('has no secret either in an answer that came too late to know whose it is', async () => {
    const old = edge.open({ identity: 'A', version: 'ocpp1.6' });
    old.session.message(result('late', '{"configurationKey":[{"key":"AuthorizationKey","value":"hunter2"}]}'));
    const fresh = edge.open({ identity: 'B', version: 'ocpp2.0.1' });
    const variable = { component: { name: 'SecurityCtrlr' }, variable: { name: 'BasicAuthPassword' } };
    const told = { getVariableResult: [{ ...variable, attributeStatus: 'Accepted', attributeValue: 'hunter2' }] };
    fresh.session.message(result('late', JSON.stringify(told)));
    await turns();
    expect(worker.records).toHaveLength(2);
    expect(JSON.stringify(worker.records)).not.toContain('hunter2');
  });
});
