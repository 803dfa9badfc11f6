import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { attachView, createStation, runScenario, type Version } from './index.js';
import { closeAll, problemsOf, startCsms, startStation } from './testing/setup.js';

const VERSIONS: Version[] = ['1.6', '2.0.1', '2.1'];
type Payload = Record<string, unknown>;
const times = (payloads: Payload[]): number[] => payloads.map((p) => Date.parse(String(p.timestamp)));

afterEach(closeAll);

describe.each(VERSIONS)('a station of %s', (version) => {
  it('runs a session: every message valid, in order, with real times', async () => {
    const csms = await startCsms(version);
    const station = startStation(csms, { identity: 'CP/ç 1', password: 'secret-16-bytes!', meterStartWh: 5000 });
    const problems = problemsOf(station);
    const result = await runScenario(station, 'session', { meterValues: 3 });
    expect(csms.violations).toEqual([]);
    expect(problems).toEqual([]);
    expect(csms.requests[0]).toEqual({
      path: `/ocpp/${encodeURIComponent('CP/ç 1')}`,
      authorization: `Basic ${Buffer.from('CP/ç 1:secret-16-bytes!').toString('base64')}`,
      protocols: `ocpp${version}`,
    });
    expect(result.completed).toBe(true);
    const [transaction] = result.transactions;
    expect(transaction?.meterStartWh).toBe(5000);
    expect(transaction?.energyWh).toBeGreaterThan(0);
    expect(csms.received[0]?.action).toBe('BootNotification');
    const stamped = csms.received.map((r) => r.payload).filter((p) => 'timestamp' in p);
    const at = times(stamped);
    expect(at.every((t, i) => t > (at[i - 1] ?? 0) && t <= Date.now())).toBe(true);
    if (version === '1.6') {
      const start = csms.of('StartTransaction')[0]?.payload;
      const stop = csms.of('StopTransaction')[0]?.payload;
      expect(start?.meterStart).toBe(5000);
      expect(stop).toMatchObject({ transactionId: 101, reason: 'Local', idTag: 'SIGEC-DEMO' });
      expect(Number(stop?.meterStop) - 5000).toBe(transaction?.energyWh);
      expect(csms.of('MeterValues').map((m) => m.payload.transactionId)).toEqual([101, 101, 101]);
      const statuses = csms.of('StatusNotification').filter((s) => s.payload.connectorId === 1);
      expect(statuses.map((s) => s.payload.status)).toEqual([
        'Available',
        'Preparing',
        'Charging',
        'Finishing',
        'Available',
      ]);
    } else {
      const events = csms.of('TransactionEvent').map((e) => e.payload);
      expect(events.map((e) => e.eventType)).toEqual(['Started', 'Updated', 'Updated', 'Updated', 'Updated', 'Ended']);
      expect(events.map((e) => e.seqNo)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(events.every((e) => e.offline === false)).toBe(true);
      expect(new Set(events.map((e) => (e.transactionInfo as Payload).transactionId)).size).toBe(1);
      const statuses = csms.of('StatusNotification').map((s) => s.payload.connectorStatus);
      expect(statuses).toEqual(['Available', 'Occupied', 'Available']);
    }
  });

  it('delivers a session the CSMS missed, each message once and in order', async () => {
    const csms = await startCsms(version);
    const station = startStation(csms);
    await station.boot();
    station.startTransaction({ auto: false });
    station.meter();
    await station.flush(5000);
    const gone = once(station, 'close');
    await csms.stop();
    await gone;
    for (let i = 0; i < 5; i++) {
      await station.wait(10);
      station.meter();
    }
    station.stopTransaction(1, 'EVDisconnected');
    station.startTransaction({ auto: false, idToken: 'OTHER' });
    station.meter();
    station.stopTransaction();
    await csms.start();
    await station.flush(8000);
    expect(station.snapshot().kept).toBe(0);
    expect(csms.violations).toEqual([]);
    expect(csms.of('BootNotification')).toHaveLength(1);
    const ids = csms.received.map((r) => r.id);
    expect(new Set(ids).size).toBe(ids.length);
    const kept = csms.received.filter((r) => /^(TransactionEvent|(Start|Stop)Transaction|MeterValues)$/.test(r.action));
    if (version === '1.6') {
      const [a, b] = ['StartTransaction', 'StopTransaction'];
      const m = Array.from({ length: 6 }, () => 'MeterValues');
      expect(kept.map((r) => r.action)).toEqual([a, ...m, b, a, 'MeterValues', b]);
      // What was said offline carries the id that was given online afterwards.
      expect(kept.slice(8).map((r) => r.payload.transactionId)).toEqual([undefined, 102, 102]);
    } else {
      const events = kept.map((r) => r.payload);
      const transactions = [...new Set(events.map((e) => (e.transactionInfo as Payload).transactionId))];
      const seqNos = transactions.map((id) =>
        events.filter((e) => (e.transactionInfo as Payload).transactionId === id).map((e) => e.seqNo),
      );
      expect(seqNos).toEqual([
        [0, 1, 2, 3, 4, 5, 6, 7, 8],
        [0, 1, 2, 3],
      ]);
      expect(events.map((e) => e.offline)).toEqual(events.map((_, i) => i > 2));
    }
    const at = times(kept.map((r) => r.payload).filter((p) => 'timestamp' in p));
    expect(at).toEqual([...at].sort((x, y) => x - y));
  });

  it('repeats a transaction message whose answer was cut off, with the same id and payload', async () => {
    const csms = await startCsms(version);
    const action = version === '1.6' ? 'StartTransaction' : 'TransactionEvent';
    let cut = false;
    csms.answer(action, () => {
      if (cut) return version === '1.6' ? { transactionId: 7, idTagInfo: { status: 'Accepted' } } : {};
      cut = true;
      csms.cut();
      return 'silence';
    });
    const station = startStation(csms);
    await station.boot();
    station.startTransaction({ auto: false });
    station.stopTransaction();
    expect(await station.flush(8000)).toBe(true);
    const [first, second] = csms.of(action);
    expect(second?.connection).toBe(2);
    expect({ ...second, connection: 0 }).toEqual({ ...first, connection: 0 });
    expect(csms.violations).toEqual([]);
  });

  it('gives a refused transaction message up after its attempts, and goes on', async () => {
    const csms = await startCsms(version);
    const first = version === '1.6' ? 'StartTransaction' : 'TransactionEvent';
    csms.answer(first, (payload) =>
      version === '1.6' || payload.eventType === 'Started' ? { callError: 'InternalError' } : {},
    );
    const station = startStation(csms);
    const problems = problemsOf(station);
    await station.boot();
    station.startTransaction({ auto: false });
    station.stopTransaction();
    expect(await station.flush(8000)).toBe(true);
    expect(
      csms.of(first).filter((r) => r.payload.eventType !== 'Updated' && r.payload.eventType !== 'Ended'),
    ).toHaveLength(3);
    expect(problems.join()).toContain('dropped after 3 attempts');
    if (version === '1.6') expect(csms.of('StopTransaction')[0]?.payload.transactionId).toBe(-1);
  });

  it('waits while Pending and Rejected, sends nothing else, and heartbeats as told once Accepted', async () => {
    const csms = await startCsms(version);
    const verdicts = ['Rejected', 'Pending', 'Accepted'];
    csms.answer('BootNotification', () => ({
      status: verdicts[Math.min(2, csms.of('BootNotification').length - 1)],
      currentTime: new Date().toISOString(),
      interval: 1,
    }));
    const station = startStation(csms);
    const seen: string[] = [];
    station.on('boot', (status, interval) => seen.push(`${status} ${interval}`));
    const rejected = once(station, 'boot');
    const booted = station.boot();
    station.startTransaction({ auto: false });
    await rejected;
    expect(await csms.call('ClearCache', {})).toEqual({ callError: 'SecurityError' });
    await booted;
    expect(seen).toEqual(['Rejected 1', 'Pending 1', 'Accepted 1']);
    expect(csms.received.slice(0, 3).map((r) => r.action)).toEqual(Array(3).fill('BootNotification'));
    await csms.until(() => csms.of('Heartbeat').length >= 1, 'a heartbeat');
    await station.flush(2000);
    expect(csms.violations).toEqual([]);
  });

  it('boots at once when a pending station is triggered', async () => {
    const csms = await startCsms(version);
    csms.answer('BootNotification', () => ({
      status: csms.of('BootNotification').length > 1 ? 'Accepted' : 'Pending',
      currentTime: new Date().toISOString(),
      interval: 3600,
    }));
    const station = startStation(csms);
    const booted = station.boot();
    await once(station, 'boot');
    const [action, payload] =
      version === '1.6'
        ? ['RemoteStartTransaction', { idTag: 'X' }]
        : ['RequestStopTransaction', { transactionId: 'x' }];
    expect(await csms.call(action, payload)).toEqual({ status: 'Rejected' });
    expect(await csms.call('TriggerMessage', { requestedMessage: 'BootNotification' })).toEqual({ status: 'Accepted' });
    await booted;
    expect(csms.of('BootNotification')).toHaveLength(2);
  });

  it('ends a transaction whose token the CSMS does not accept', async () => {
    const csms = await startCsms(version);
    csms.answer('StartTransaction', () => ({ transactionId: 9, idTagInfo: { status: 'Blocked' } }));
    csms.answer('TransactionEvent', (p) => (p.eventType === 'Started' ? { idTokenInfo: { status: 'Blocked' } } : {}));
    const station = startStation(csms);
    await station.boot();
    const stopped = once(station, 'stopped');
    station.startTransaction();
    expect(await stopped).toMatchObject([{ reason: 'DeAuthorized' }]);
    await station.flush(2000);
    expect(csms.violations).toEqual([]);
  });

  it('is told of a refused upgrade, keeps trying, and closes without a trace', async () => {
    const csms = await startCsms(version);
    csms.refuseWith = 401;
    const station = startStation(csms);
    const booted = station.boot();
    expect(await once(station, 'refused')).toEqual([401]);
    expect(await once(station, 'refused')).toEqual([401]);
    csms.refuseWith = null;
    await booted;
    const waiting = station.wait(1e9);
    await station.close();
    await expect(waiting).rejects.toThrow('station closed');
    // Nobody waits for these; that they fail must end no process.
    void station.boot();
    void station.wait(1);
    void station.send('Heartbeat', {});
    await expect(station.send('Heartbeat', {})).rejects.toThrow('closed');
    expect(station.isClosed).toBe(true);
  });
});

describe('a station', () => {
  it('names the option that is wrong, and never the password', () => {
    const good = { url: 'ws://127.0.0.1:1/ocpp', identity: 'A', version: '1.6' as const };
    const make = (wrong: object) => () => createStation({ ...good, ...wrong });
    expect(make({ url: 'http://x' })).toThrow('url');
    expect(make({ identity: '' })).toThrow('identity');
    expect(make({ identity: 'a:b', password: 'hidden-word' })).toThrow(/^identity: (?!.*hidden-word)/);
    expect(make({ version: '1.5' })).toThrow('version');
    expect(make({ evses: 1.5 })).toThrow('evses');
    expect(make({ speed: 0 })).toThrow('speed');
    expect(make({ idToken: 'longer-than-twenty-characters' })).toThrow('idToken');
    expect(make({ meterStartWh: 0.5 })).toThrow('meterStartWh');
  });

  it('closes when its signal fires, also while nobody listens at the address', async () => {
    const controller = new AbortController();
    const station = createStation({
      url: 'ws://127.0.0.1:9/ocpp',
      identity: 'A',
      version: '2.0.1',
      backoff: { minimumMs: 5, randomMs: 1 },
      signal: controller.signal,
    });
    const running = runScenario(station, 'idle');
    await once(station, 'failed');
    controller.abort();
    expect(await running).toEqual({ completed: false, transactions: [] });
    await station.close();
  });

  it('keeps its starts and ends when the queue is full, and gives up samples', async () => {
    const csms = await startCsms('2.0.1');
    const station = startStation(csms, { maxKept: 10 });
    await station.boot();
    const gone = once(station, 'close');
    await csms.stop();
    await gone;
    station.startTransaction({ auto: false });
    for (let i = 0; i < 30; i++) station.meter();
    station.stopTransaction();
    expect(station.snapshot().kept).toBe(10);
    await csms.start();
    expect(await station.flush(8000)).toBe(true);
    const types = csms.of('TransactionEvent').map((e) => e.payload.eventType);
    expect([types[0], types.at(-1), types.length]).toEqual(['Started', 'Ended', 10]);
  });

  it('fills the car: the flow stops by itself, and the energy is what the battery lacked', async () => {
    const csms = await startCsms('2.1');
    const station = startStation(csms, { speed: 50_000, batteryWh: 10_000, socStart: 50, meterStartWh: 123 });
    await station.boot();
    station.startTransaction({ auto: false });
    const full = () =>
      csms.of('TransactionEvent').some((e) => (e.payload.transactionInfo as Payload).chargingState === 'SuspendedEV');
    await csms.until(full, 'SuspendedEV');
    const { energyWh, meterWh } = station.stopTransaction();
    expect([energyWh, meterWh]).toEqual([5000, 5123]);
    await station.flush(2000);
    expect(csms.violations).toEqual([]);
  });

  it('answers bad frames and unknown actions, and survives an answer nobody asked for', async () => {
    const csms = await startCsms('2.0.1');
    const station = startStation(csms);
    const problems = problemsOf(station);
    await station.boot();
    for (const text of ['no json', '[]', '[3,"nobody",{}]', '[4,"nobody","X","",{}]', '[2,"1","Reset"]']) {
      csms.sendText(text);
    }
    expect((await csms.callRaw('Nonsense', {}))[2]).toBe('NotImplemented');
    expect((await csms.callRaw('__proto__', {}))[2]).toBe('NotImplemented');
    expect((await csms.callRaw('Reset', {}))[2]).toBe('OccurrenceConstraintViolation');
    expect((await csms.callRaw('Reset', { type: 5 }))[2]).toBe('TypeConstraintViolation');
    expect((await csms.callRaw('Reset', { type: 'Sometimes' }))[2]).toBe('PropertyConstraintViolation');
    expect((await csms.callRaw('Reset', 'x'))[2]).toBe('FormatViolation');
    expect(csms.raw.filter((text) => text.includes('RpcFrameworkError'))).toHaveLength(3);
    expect(problems.filter((text) => text.includes('no open CALL'))).toHaveLength(2);
  });

  it('tells of answers that break the specification', async () => {
    const csms = await startCsms('1.6');
    csms.answer('StartTransaction', () => ({ transactionId: '17', idTagInfo: { status: 'Accepted' } }));
    csms.answer('Authorize', () => ({}));
    const station = startStation(csms);
    const problems = problemsOf(station);
    await station.boot();
    expect(await station.authorize()).toBe('Invalid');
    station.startTransaction();
    await station.flush(2000);
    expect(problems.join()).toMatch(/Authorize answer: idTagInfo.*StartTransaction answer: transactionId/);
  });

  it('shows plain lines where there is no terminal, and never a password', async () => {
    const csms = await startCsms('1.6');
    const station = startStation(csms);
    let plain = '';
    let live = '';
    attachView(station, { write: (text: string) => (plain += text) }, { color: false });
    const detach = attachView(station, { write: (text: string) => (live += text), isTTY: true }, { color: true });
    await station.boot();
    await csms.call('ChangeConfiguration', { key: 'AuthorizationKey', value: 'a-new-password-1' });
    await once(station, 'close');
    await once(station, 'open');
    await runScenario(station, [{ do: 'start' }, { do: 'meter', every: 30 }, { do: 'stop' }, { do: 'flush' }]);
    const authorization = `Basic ${Buffer.from('SIM-1:a-new-password-1').toString('base64')}`;
    expect(csms.requests.at(-1)?.authorization).toBe(authorization);
    expect(plain).toMatch(/↑ BootNotification/);
    expect(plain).toMatch(/recarga encerrada · charging ended/);
    expect(plain).not.toContain('\u001b');
    expect(live).toContain('\u001b[2K');
    expect(live).toContain('█');
    expect(plain + live).not.toContain('a-new-password-1');
    detach();
    const before = live;
    await station.close();
    expect(live).toBe(before);
  });
});
