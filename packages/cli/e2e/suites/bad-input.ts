/** What no charger should do, and some do: each gets what HTTP or OCPP defines, leaves a trace, and harms nobody else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import { DIALECTS, VERSIONS, type Version } from '../support/dialect.js';
import type { LogLine } from '../support/process.js';
import { basic, Raw, upgrade } from '../support/raw.js';
import type { CreatedDevice } from '../support/rest.js';
import { endpoint, register, type System, unique } from '../support/system.js';
import { eventually, quiet } from '../support/wait.js';

/** What a frame gets: the start of the answer, or null where nothing may be answered. */
interface Bad {
  readonly name: string;
  readonly frame: string;
  /** As the edge's log calls it; undefined where the frame itself was well made. */
  readonly reason?: string;
  readonly answer: Readonly<Record<'1.6' | '2.x', readonly [type: number, id: string, code: string] | null>>;
}

const error = (id: string, code: string) => [4, id, code] as const;
const both = (id: string, code: string) => ({ '1.6': error(id, code), '2.x': error(id, code) });

const MALFORMED: readonly Bad[] = [
  {
    name: 'JSON cut off in the payload',
    frame: '[2,"cut","Heartbeat",{"a":',
    reason: 'truncated',
    answer: { '1.6': error('cut', 'FormationViolation'), '2.x': error('cut', 'FormatViolation') },
  },
  {
    name: 'JSON cut off in the id',
    frame: '[2,"cu',
    reason: 'truncated',
    answer: { '1.6': null, '2.x': error('-1', 'RpcFrameworkError') },
  },
  {
    name: 'no JSON at all',
    frame: 'hello',
    reason: 'not_json',
    answer: { '1.6': null, '2.x': error('-1', 'RpcFrameworkError') },
  },
  {
    name: 'an object instead of an array',
    frame: '{"a":1}',
    reason: 'not_array',
    answer: { '1.6': null, '2.x': error('-1', 'RpcFrameworkError') },
  },
  {
    name: 'an empty message id',
    frame: '[2,"","Heartbeat",{}]',
    reason: 'bad_id',
    answer: { '1.6': error('', 'FormationViolation'), '2.x': error('', 'RpcFrameworkError') },
  },
  {
    name: 'a numeric message id',
    frame: '[2,17,"Heartbeat",{}]',
    reason: 'bad_id',
    answer: { '1.6': error('17', 'FormationViolation'), '2.x': error('17', 'RpcFrameworkError') },
  },
  {
    name: 'a payload that is no object',
    frame: '[2,"list","Heartbeat",[]]',
    reason: 'bad_payload',
    answer: { '1.6': error('list', 'FormationViolation'), '2.x': error('list', 'FormatViolation') },
  },
  {
    name: 'a missing payload',
    frame: '[2,"none","Heartbeat"]',
    reason: 'bad_payload',
    answer: { '1.6': error('none', 'FormationViolation'), '2.x': error('none', 'FormatViolation') },
  },
  {
    // 1.6-J section 4.1.3: a message of another type shall be ignored.
    name: 'an unknown message type',
    frame: '[9,"nine","Heartbeat",{}]',
    reason: 'bad_type',
    answer: { '1.6': null, '2.x': error('nine', 'MessageTypeNotSupported') },
  },
];

const REFUSED: readonly Bad[] = [
  {
    name: 'an action that no version has',
    frame: '[2,"coffee","MakeCoffee",{}]',
    answer: both('coffee', 'NotImplemented'),
  },
  {
    name: 'an action that only the CSMS sends',
    frame: '[2,"reset","Reset",{}]',
    answer: both('reset', 'NotImplemented'),
  },
  {
    name: 'a payload without what it must have',
    frame: '[2,"lack","BootNotification",{}]',
    answer: {
      '1.6': error('lack', 'OccurenceConstraintViolation'),
      '2.x': error('lack', 'OccurrenceConstraintViolation'),
    },
  },
];

/** An action that stations send in another version. */
const FOREIGN: Readonly<Record<Version, string>> = {
  '1.6': 'NotifyReport',
  '2.0.1': 'BatterySwap',
  '2.1': 'StartTransaction',
};

/** A field of the wrong type, as each version has it. */
const wrongType = (version: Version): string =>
  version === '1.6'
    ? '[2,"type","StatusNotification",{"connectorId":"one","errorCode":"NoError","status":"Available"}]'
    : '[2,"type","StatusNotification",{"timestamp":"2026-01-01T00:00:00Z","connectorStatus":"Available","evseId":"one","connectorId":1}]';

const REFUSALS = ['unauthorized', 'unknown', 'forbidden', 'unsupported'] as const;

export function badInputSuite(get: () => System): void {
  let bystander: Charger;
  let device: CreatedDevice;
  let watching = true;
  let heartbeats: Promise<number>;

  const logged = (matches: (line: LogLine) => boolean) =>
    eventually(() => {
      const line = get().log().find(matches);
      expect(line).toBeDefined();
      return line as LogLine;
    });
  const refusal = (identity: string, status: (typeof REFUSALS)[number]) =>
    logged((line) => line.msg === 'upgrade refused' && line.station === identity && line.status === status);

  beforeAll(async () => {
    const system = get();
    device = await register(system);
    bystander = await Charger.connect(endpoint(system), (await register(system)).credentials, '2.0.1');
    await bystander.settle();
    heartbeats = (async () => {
      let answered = 0;
      for (; watching; answered++) await bystander.heartbeat();
      return answered;
    })();
    heartbeats.catch(() => undefined);
  });

  afterAll(async () => {
    Raw.closeAll();
    await Charger.closeAll();
  });

  describe('an upgrade', () => {
    const url = (identity = device.identity) => `${endpoint(get())}/${encodeURIComponent(identity)}`;

    it('with a wrong password, or with none, gets 401', async () => {
      const wrong = await upgrade(url(), {
        'sec-websocket-protocol': 'ocpp1.6',
        authorization: basic(device.identity, 'not-the-password-1'),
      });
      expect(wrong).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.stringMatching(/^Basic/) } });
      expect((await refusal(device.identity, 'unauthorized')).reason).toBe('wrong password');
      expect(await upgrade(url(), { 'sec-websocket-protocol': 'ocpp1.6' })).toMatchObject({ status: 401 });
      const other = basic('somebody-else', device.credentials.password);
      expect(await upgrade(url(), { 'sec-websocket-protocol': 'ocpp1.6', authorization: other })).toMatchObject({
        status: 401,
      });
      expect(get().words()).not.toContain('not-the-password-1');
    });

    it('of an unknown station gets 404', async () => {
      const nobody = unique('NOBODY');
      const answer = await upgrade(url(nobody), {
        'sec-websocket-protocol': 'ocpp1.6',
        authorization: basic(nobody, 'some-password-123'),
      });
      expect(answer.status).toBe(404);
      expect((await refusal(nobody, 'unknown')).reason).toBe('station unknown');
    });

    it('of a blocked station gets 403', async () => {
      const blocked = await register(get());
      await get().rest.ok('PATCH', `/devices/${blocked.id}`, { blocked: true });
      const { username, password } = blocked.credentials;
      const answer = await upgrade(url(blocked.identity), {
        'sec-websocket-protocol': 'ocpp1.6',
        authorization: basic(username, password),
      });
      expect(answer.status).toBe(403);
      expect((await refusal(blocked.identity, 'forbidden')).reason).toBe('station blocked');
    });

    it('outside /ocpp/, or that is none, gets an answer of HTTP', async () => {
      const root = new URL(endpoint(get())).origin.replace(/^ws/, 'http');
      expect((await upgrade(`${root}/elsewhere`, { 'sec-websocket-protocol': 'ocpp1.6' })).status).toBe(404);
      expect((await upgrade(`${root}/ocpp/`, { 'sec-websocket-protocol': 'ocpp1.6' })).status).toBe(404);
      expect((await upgrade(`${root}/ocpp/%FF`, { 'sec-websocket-protocol': 'ocpp1.6' })).status).toBe(404);
      expect((await fetch(`${root}/ocpp/CP1`)).status).toBe(426);
      const { username, password } = device.credentials;
      const authorization = basic(username, password);
      const closing = { connection: 'close', 'sec-websocket-protocol': 'ocpp1.6', authorization };
      expect((await upgrade(url(), closing)).status).toBe(426);
    });

    it('without a subprotocol is completed without one, and closed', async () => {
      const { username, password } = device.credentials;
      const silent = await upgrade(url(), { authorization: basic(username, password) });
      expect(silent).toMatchObject({ status: 101, closeCode: 1002 });
      expect(silent.headers['sec-websocket-protocol']).toBeUndefined();
      expect((await refusal(device.identity, 'unsupported')).reason).toContain('no OCPP subprotocol');
    });

    it('with subprotocols that nobody here speaks is completed without one, and closed', async () => {
      const { username, password } = device.credentials;
      const foreign = await upgrade(url(), {
        'sec-websocket-protocol': 'ocpp1.5, mqtt',
        authorization: basic(username, password),
      });
      expect(foreign).toMatchObject({ status: 101, closeCode: 1002 });
      expect(foreign.headers['sec-websocket-protocol']).toBeUndefined();
      await logged((line) => line.station === device.identity && line.reason === 'no OCPP version in common');
    });

    it('without a subprotocol is taken where the station has a default version, and speaks it', async () => {
      const plain = await register(get(), { default_version: 'ocpp1.6' });
      const raw = await Raw.connect(url(plain.identity), [], plain.credentials);
      expect(raw.socket.protocol).toBe('');
      const boot = { chargePointVendor: 'Acme', chargePointModel: 'One' };
      expect(await raw.ask([2, 'b', 'BootNotification', boot])).toMatchObject([3, 'b', { status: 'Accepted' }]);
      // A word of 1.6 only.
      expect((await raw.ask('[2,"f","Heartbeat",[]]')).slice(0, 3)).toEqual([4, 'f', 'FormationViolation']);
      expect((await get().rest.device(plain.id)).ocpp_version).toBe('ocpp1.6');
      raw.terminate();
    });

    it('that offers several versions gets the newest', async () => {
      const raw = await Raw.connect(url(), ['ocpp1.6', 'ocpp2.0.1'], device.credentials);
      expect(raw.socket.protocol).toBe('ocpp2.0.1');
      raw.terminate();
    });
  });

  describe.each(VERSIONS)('frames in %s', (version) => {
    const family = version === '1.6' ? '1.6' : '2.x';
    let station: CreatedDevice;
    let raw: Raw;

    beforeAll(async () => {
      station = await register(get());
      raw = await Raw.connect(`${endpoint(get(), 1)}/${station.identity}`, [`ocpp${version}`], station.credentials);
      // One that does not boot is asked to after a while, which would come between.
      const [action, payload] = DIALECTS[version].boot();
      await raw.ask([2, 'boot', action, payload]);
    });

    /** Sends a bad frame and a good one behind it: what comes before the good one's answer, and that the socket serves on. */
    const send = async (frame: string, wanted: readonly unknown[] | null): Promise<void> => {
      const id = unique('after');
      raw.send(frame);
      raw.send([2, id, 'Heartbeat', {}]);
      const before: unknown[][] = [];
      for (;;) {
        const answer = JSON.parse(await raw.next()) as unknown[];
        if (answer[1] === id) {
          expect(answer).toMatchObject([3, id, { currentTime: expect.any(String) }]);
          break;
        }
        before.push(answer);
      }
      expect(before.map((answer) => answer.slice(0, 3))).toEqual(wanted === null ? [] : [wanted]);
      for (const answer of before) {
        expect(answer).toHaveLength(5);
        expect(answer[4]).toBeTypeOf('object');
      }
    };

    it.each(MALFORMED)('$name: answered as the version wants it, logged, and the socket stays', async (bad) => {
      await send(bad.frame, bad.answer[family]);
      const { reason } = bad;
      await logged(
        (line) => line.msg === 'malformed frame' && line.station === station.identity && line.reason === reason,
      );
      await eventually(async () => {
        const messages = await get().rest.messages(station.id);
        const kept = messages.map(({ type, payload, raw: text }) => [type, text ?? JSON.stringify(payload)]);
        expect(kept).toContainEqual(['malformed', bad.frame]);
      });
    });

    const refused = [
      ...REFUSED,
      {
        name: 'an action of another version',
        frame: `[2,"foreign","${FOREIGN[version]}",{}]`,
        answer: both('foreign', 'NotImplemented'),
      },
      { name: 'a field of the wrong type', frame: wrongType(version), answer: both('type', 'TypeConstraintViolation') },
    ];
    it.each(refused)('21: $name: refused, logged with the reason, and the socket stays', async (bad) => {
      await send(bad.frame, bad.answer[family]);
      const [, id, code] = bad.answer[family] as readonly [number, string, string];
      await eventually(async () => {
        const messages = (await get().rest.messages(station.id)).filter((message) => message.message_id === id);
        expect(messages).toMatchObject([
          { direction: 'in', type: 'call' },
          { direction: 'out', type: 'error', payload: { code, description: expect.stringMatching(/./) } },
        ]);
      });
    });

    it('the same CALL again gets the identical answer; under another payload the id is flagged', async () => {
      // The answer tells the time, so that one made anew would differ.
      const [action, payload] = DIALECTS[version].boot();
      const frame = JSON.stringify([2, 'same', action, payload]);
      raw.send(frame);
      const first = await raw.next();
      await quiet(5);
      raw.send(frame);
      expect(await raw.next()).toBe(first);
      await send('[2,"same","MakeCoffee",{}]', error('same', 'NotImplemented'));
      await logged((line) => line.msg === 'message id used again' && line.station === station.identity);
    });

    it('CALLs sent without waiting are answered in their order', async () => {
      const ids = Array.from({ length: 8 }, (_, n) => unique(`row${n}`));
      for (const id of ids) raw.send([2, id, 'Heartbeat', {}]);
      const answers: unknown[] = [];
      for (const _ of ids) answers.push((JSON.parse(await raw.next()) as unknown[])[1]);
      expect(answers).toEqual(ids);
    });

    it('a frame of 300 KB closes the socket with 1009', async () => {
      raw.send([2, 'big', 'DataTransfer', { vendorId: 'x', data: 'x'.repeat(300 * 1024) }]);
      expect(await raw.closed).toBe(1009);
      await logged((line) => line.msg === 'frame over the size limit' && line.station === station.identity);
      const again = await Raw.connect(
        `${endpoint(get())}/${station.identity}`,
        [`ocpp${version}`],
        station.credentials,
      );
      // Near the limit is within it.
      const data = 'x'.repeat(200 * 1024);
      expect(await again.ask([2, 'ok', 'DataTransfer', { vendorId: 'x', data }])).toMatchObject([3, 'ok', {}]);
      again.terminate();
    });
  });

  it('more CALLs at once than the queue holds close the socket, and what was answered stays answered', async () => {
    const station = await register(get());
    const raw = await Raw.connect(`${endpoint(get())}/${station.identity}`, ['ocpp1.6'], station.credentials);
    for (let n = 0; n < 200; n++) raw.send([2, `n${n}`, 'Heartbeat', {}]);
    expect(await raw.closed).toBe(4100);
    await eventually(async () => expect((await get().rest.device(station.id)).online).toBe(false));
  });

  it('StartTransaction again under a new message id is the same transaction', async () => {
    const station = await register(get());
    const raw = await Raw.connect(`${endpoint(get())}/${station.identity}`, ['ocpp1.6'], station.credentials);
    const start = { connectorId: 1, idTag: 'WHOEVER', meterStart: 5, timestamp: new Date().toISOString() };
    const [, , first] = await raw.ask([2, 's1', 'StartTransaction', start]);
    const [, , second] = await raw.ask([2, 's2', 'StartTransaction', start]);
    expect(second).toEqual(first);
    const { transactionId } = first as { transactionId: number };
    expect(await get().rest.history(station.id)).toMatchObject([{ ocpp_transaction_id: String(transactionId) }]);
    raw.terminate();
  });

  it('30: a stop of a session that another charger has ends nothing of it', async () => {
    const open = async (station: CreatedDevice) =>
      Raw.connect(`${endpoint(get())}/${station.identity}`, ['ocpp1.6'], station.credentials);
    const [mine, theirs] = [await register(get()), await register(get())];
    const [own, other] = [await open(mine), await open(theirs)];
    const timestamp = new Date().toISOString();
    const start = { connectorId: 1, idTag: 'WHOEVER', meterStart: 5, timestamp };
    const [, , begun] = await own.ask([2, 's', 'StartTransaction', start]);
    const { transactionId } = begun as { transactionId: number };
    const stop = { transactionId, meterStop: 10, timestamp };
    // 1.6 knows no refusal of a stop: it is taken for a session of that charger whose start was lost.
    expect(await other.ask([2, 'x', 'StopTransaction', stop])).toEqual([3, 'x', {}]);
    expect(await get().rest.history(mine.id)).toMatchObject([{ end_time: null, flags: ['unauthorized'] }]);
    expect(await get().rest.history(theirs.id)).toMatchObject([{ flags: ['orphan'], energy_wh: 0 }]);
    own.terminate();
    other.terminate();
  });

  it.each(['BR*SP+1.A:2|x@y', 'ção Ünïque #1?&%41', '*', '>', 'a.b.c'])(
    'the identity %j connects, and commands reach it',
    async (name) => {
      const system = get();
      // Two systems may run the same list, but each has its own database.
      const odd = await system.rest.createDevice(name);
      const charger = await Charger.connect(endpoint(system, 1), odd.credentials, '1.6');
      await charger.settle();
      charger.answer('ClearCache', { status: 'Accepted' });
      expect(await system.rest.command(odd.id, 'ClearCache', {})).toMatchObject({ status: 200 });
      expect(await system.rest.device(odd.id)).toMatchObject({ identity: name, online: true });
      await charger.close();
    },
  );

  it('paths that installers write all lead to the station', async () => {
    const system = get();
    const plus = await system.rest.createDevice(unique('PLUS+A:B'));
    const origin = new URL(endpoint(system)).origin;
    const id = plus.identity;
    for (const path of [
      `/ocpp/${id}`,
      `/ocpp/${id}/`,
      `/ocpp//${id}`,
      `/ocpp/v16/${id}`,
      `/ocpp/${id}/${id}`,
      `/OCPP/${id}`,
    ]) {
      const raw = await Raw.connect(origin + path, ['ocpp1.6'], plus.credentials);
      expect(await raw.ask([2, 'h', 'Heartbeat', {}]), path).toMatchObject([3, 'h', {}]);
      raw.terminate();
      await raw.closed;
    }
  });

  it('and the charger beside them noticed nothing', async () => {
    watching = false;
    expect(await heartbeats).toBeGreaterThan(100);
    expect(bystander.closes).toEqual([]);
    expect(bystander.violations).toEqual([]);
    expect(bystander.connected).toBe(true);
  });
}
