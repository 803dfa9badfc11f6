/** What is pure of live updates: topics, positions, what is told to whom, and whom an event may interest. */
import type { StreamEvent } from '@sigec/bus';
import { eventSubject } from '@sigec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permissionsOf } from '../auth/permissions.js';
import type { Caller } from '../context.js';
import { LiveEvent } from './event.js';
import { Interests } from './interests.js';
import { readPosition, writePosition } from './position.js';
import { reachOver } from './reach.js';
import { RecentEvents } from './recent.js';
import { Interest, type Wish } from './subscription.js';
import { EVENT_TOPICS, TOPICS, topicOf } from './topics.js';

const MADE = 1_790_000_000_000;

function event(sequence: number, tenantId: number, kind: string, data: Record<string, unknown> = {}): LiveEvent {
  const told = { id: String(sequence), type: kind, time: '2026-01-01T00:00:00.000Z', data };
  const raw: StreamEvent = {
    sequence,
    subject: eventSubject(tenantId, kind),
    data: new TextEncoder().encode(JSON.stringify(told)),
  };
  return LiveEvent.read(raw, MADE) as LiveEvent;
}

const staff = (tenantId = 1): Caller => ({ userId: 'staff', tenantId, role: 'operator' });
const driver = (userId: string): Caller => ({ userId, tenantId: 1, role: 'user' });
const key = (...scopes: string[]): Caller => {
  const permissions = permissionsOf('operator', scopes);
  return {
    userId: 'ana',
    tenantId: 1,
    role: permissions.has('transactions:read') ? 'operator' : 'user',
    keyId: 1,
    permissions,
  };
};

/** Stations 1 to 3 are of the site North, of which 1 is published; 2 and 3 are of site 5, and 4 of group 7. */
const OF_PLACES: Readonly<Record<string, readonly string[]>> = {
  ...{ '1/North': ['1', '2', '3'], '1': ['1'] },
  ...{ '1/5': ['2', '3'], '1:7': ['4'] },
};
const places = { has: (key: string, station: string) => OF_PLACES[key]?.includes(station) === true };
const atSite = (set: string) => ({ siteId: 5, groupId: null, set });
const atGroup = (set: string) => ({ siteId: null, groupId: 7, set });

describe('a topic', () => {
  it('is one for each event, by its noun or by whether it names a station', () => {
    expect(topicOf('connector.status', true)).toBe('stations');
    expect(topicOf('transaction.ended', true)).toBe('transactions');
    expect(topicOf('alarm.raised', true)).toBe('alarms');
    expect(topicOf('batch.progress', false)).toBe('commands');
    expect(topicOf('firmware.status', true)).toBe('stations');
    expect(topicOf('webhook.paused', false)).toBe('network');
    expect(topicOf('constructor.x', false)).toBe('network');
  });
});

describe('a position', () => {
  it('comes back as it was written, and nothing else is one', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 41), fc.nat(), (made, sequence) => {
        expect(readPosition(writePosition(made, sequence))).toEqual({ made, sequence });
      }),
    );
    for (const text of ['', '12', '-1', 'a-', 'a--1', 'A-1', 'a-1 ', `a-${'9'.repeat(16)}`])
      expect(readPosition(text), text).toBeUndefined();
  });
});

describe('an event', () => {
  it('is told as it was written', () => {
    const told = event(7, 1, 'connector.status', { device_id: '1', status: 'Available', error_code: 'É' });
    expect(JSON.parse(told.json())).toEqual({
      position: writePosition(MADE, 7),
      sequence: 7,
      topic: 'stations',
      event: {
        id: '7',
        type: 'connector.status',
        time: '2026-01-01T00:00:00.000Z',
        data: { device_id: '1', status: 'Available', error_code: 'É' },
      },
    });
    expect(JSON.parse(String(told.frame('whole')))).toMatchObject({ type: 'event', sequence: 7 });
    expect(String(told.chunk('whole'))).toMatch(/^id: \S+-7\nevent: connector\.status\ndata: \{.*\}\n\n$/);
    expect(told.frame('whole')).toBe(told.frame('whole'));
  });

  it('is told to drivers without what is not theirs to know', () => {
    const told = event(7, 1, 'connector.status', { device_id: '1', evse_id: 1, status: 'Faulted', error_code: 'E' });
    expect(JSON.parse(String(told.frame('driver')))).toMatchObject({
      event: { data: { device_id: '1', evse_id: 1, status: 'Faulted' } },
    });
    expect(String(told.chunk('driver'))).not.toContain('error_code');
  });

  it('is none where it cannot be read', () => {
    const bad = (subject: string, text: string) =>
      LiveEvent.read({ sequence: 1, subject, data: new TextEncoder().encode(text) }, MADE);
    expect(bad('events.1.a.b', 'no json')).toBeUndefined();
    expect(bad('events.1.a.b', 'null')).toBeUndefined();
    expect(bad('events.x.a.b', '{}')).toBeUndefined();
  });
});

describe('an interest', () => {
  const shape = (actor: Caller, wish: Wish, told: LiveEvent) => new Interest(actor, wish).shapeOf(told, places);

  it('is of a tenant, of topics, and of what it is narrowed to', () => {
    const told = event(1, 1, 'station.online', { device_id: '2' });
    expect(shape(staff(), { topics: ['stations'] }, told)).toBe('whole');
    expect(shape(staff(2), { topics: ['stations'] }, told)).toBeUndefined();
    expect(shape(staff(), { topics: ['alarms'] }, told)).toBeUndefined();
    expect(shape(staff(), { topics: ['stations'], deviceIds: ['2'] }, told)).toBe('whole');
    expect(shape(staff(), { topics: ['stations'], deviceIds: ['3'] }, told)).toBeUndefined();
    expect(shape(staff(), { topics: ['stations'], siteIds: ['North'] }, told)).toBe('whole');
    expect(shape(staff(), { topics: ['stations'], siteIds: ['South'] }, told)).toBeUndefined();
    expect(shape(staff(), { topics: ['network'], deviceIds: ['2'] }, event(1, 1, 'webhook.paused'))).toBeUndefined();
  });

  it('of a driver is what is theirs, and what is published', () => {
    const theirs = event(1, 1, 'transaction.charging', { device_id: '2', user_id: 'ana' });
    const all: Wish = { topics: ['stations', 'transactions'] };
    expect(shape(driver('ana'), all, theirs)).toBe('whole');
    expect(shape(driver('bob'), all, theirs)).toBeUndefined();
    expect(shape(driver('ana'), all, event(1, 1, 'transaction.charging', { device_id: '2' }))).toBeUndefined();
    expect(shape(driver('ana'), all, event(1, 1, 'cost.told', { device_id: '2', user_id: 'ana' }))).toBeUndefined();
    expect(shape(driver('ana'), all, event(1, 1, 'connector.status', { device_id: '1' }))).toBe('driver');
    expect(shape(driver('ana'), all, event(1, 1, 'connector.status', { device_id: '2' }))).toBeUndefined();
    expect(shape(driver('ana'), all, event(1, 1, 'station.booted', { device_id: '1' }))).toBeUndefined();
  });

  it('of a key is what its scopes reach, topic by topic', () => {
    const reached = (who: Caller) => TOPICS.map((topic) => [topic, reachOver(who, topic)]).filter(([, reach]) => reach);
    expect(reached(key('devices:read'))).toEqual([
      ['stations', 'all'],
      ['commands', 'all'],
      ['network', 'all'],
    ]);
    expect(reached(key('transactions:read')).map(String)).toEqual(['transactions,all', 'progress,all']);
    expect(reached(key('transactions:own', 'devices:nearby')).map(String)).toEqual([
      'stations,part',
      'transactions,part',
      'progress,part',
    ]);
    expect(reached(key('alarms:read')).map(String)).toEqual(['alarms,all']);
    expect(reached(key('devices:log')).map(String)).toEqual(['messages,all']);
    expect(reached(key('webhooks:manage'))).toEqual([]);
    expect(reached(driver('ana')).map(String)).toEqual(['stations,part', 'transactions,part', 'progress,part']);
    expect(reached(staff()).map(([, reach]) => reach)).toEqual(TOPICS.map(() => 'all'));

    const all: Wish = { topics: EVENT_TOPICS };
    const status = event(1, 1, 'connector.status', { device_id: '2' });
    const others = event(1, 1, 'transaction.ended', { device_id: '2', user_id: 'bob' });
    expect([shape(key('devices:read'), all, status), shape(key('devices:read'), all, others)]).toEqual([
      'whole',
      undefined,
    ]);
    expect(shape(key('devices:read', 'transactions:own'), all, others)).toBeUndefined();
    expect(shape(key('devices:read', 'transactions:read'), all, others)).toBe('whole');
    expect(shape(key('devices:nearby'), all, status)).toBeUndefined();
  });

  it('holds what an event takes beside its topic, of people as of keys', () => {
    const all: Wish = { topics: EVENT_TOPICS };
    const admin: Caller = { ...staff(), role: 'admin' };
    const account = event(1, 1, 'account.changed', { user_id: 'bob' });
    expect([shape(admin, all, account), shape(staff(), all, account)]).toEqual(['whole', undefined]);
    const report = event(1, 1, 'security.reported', { device_id: '2' });
    expect(shape(key('alarms:read'), all, report)).toBeUndefined();
    expect(shape(key('alarms:read', 'security:read'), all, report)).toBe('whole');
    expect(shape(staff(), all, report)).toBe('whole');
    const settled = event(1, 1, 'settlement.settled', { device_id: '2' });
    expect(shape(key('transactions:read'), all, settled)).toBeUndefined();
    expect(shape(staff(), all, settled)).toBe('whole');
  });

  it('of a driver with grants is what these show where they hold, beside that', () => {
    const ana = driver('ana');
    const all: Wish = { topics: EVENT_TOPICS, grants: [atSite('viewer'), atGroup('manager')] };
    const at = (station: string, kind: string, more: object = {}) =>
      shape(ana, all, event(1, 1, kind, { device_id: station, ...more }));
    for (const kind of ['station.booted', 'transaction.ended', 'cost.told', 'alarm.raised', 'command.ended'])
      expect([at('1', kind), at('2', kind), at('4', kind)], kind).toEqual([undefined, 'whole', 'whole']);
    for (const kind of [
      'security.reported',
      'settlement.settled',
      'certificate.issued',
      'upload.received',
      'vendor.message',
    ])
      expect([at('2', kind), at('4', kind)], kind).toEqual([undefined, 'whole']);
    expect(at('1', 'transaction.ended', { user_id: 'ana' })).toBe('whole');
    expect(at('1', 'station.online')).toBe('driver');
    expect(shape(ana, all, event(1, 1, 'webhook.paused'))).toBeUndefined();
    expect(shape(ana, all, event(1, 1, 'batch.progress'))).toBeUndefined();
    expect(shape(ana, { ...all, deviceIds: ['3'] }, event(1, 1, 'alarm.raised', { device_id: '2' }))).toBeUndefined();
    expect(shape(ana, { ...all, siteIds: ['South'] }, event(1, 1, 'alarm.raised', { device_id: '2' }))).toBeUndefined();
    expect(shape(ana, { ...all, grants: [atSite('nonsense')] }, event(1, 1, 'alarm.raised', { device_id: '2' }))).toBe(
      undefined,
    );
    expect(shape({ ...ana, tenantId: 2 }, all, event(1, 1, 'alarm.raised', { device_id: '2' }))).toBeUndefined();
  });

  it('is found by the index exactly where it would be found by asking everybody', () => {
    const station = fc.constantFrom('1', '2', '3', '4');
    const user = fc.constantFrom('ana', 'bob');
    const scopes = ['devices:read', 'devices:nearby', 'transactions:read', 'transactions:own', 'alarms:read'] as const;
    const machine = fc.subarray([...scopes]).map((some) => key(...some));
    const actor = fc.oneof(fc.constantFrom(1, 2).map(staff), user.map(driver), machine);
    const wish = fc.record(
      {
        topics: fc.uniqueArray(fc.constantFrom(...EVENT_TOPICS), { minLength: 1 }),
        deviceIds: fc.uniqueArray(station, { minLength: 1 }),
        siteIds: fc.uniqueArray(fc.constantFrom('North', 'South'), { minLength: 1 }),
        grants: fc.array(fc.constantFrom(atSite('viewer'), atSite('manager'), atGroup('attendant'))),
      },
      { requiredKeys: ['topics'] },
    );
    const told = fc
      .tuple(
        fc.constantFrom(1, 2),
        fc.constantFrom(
          ...[
            'station.online',
            'transaction.ended',
            'alarm.raised',
            'webhook.paused',
            'command.ended',
            'security.reported',
          ],
        ),
        fc.record({ device_id: station, user_id: user }, { requiredKeys: [] }),
      )
      .map(([tenant, kind, data]) => event(1, tenant, kind, data));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(actor, wish), { maxLength: 20 }),
        fc.array(fc.nat(19)),
        told,
        (asked, gone, one) => {
          const all = asked.map(([who, what]) => ({ interest: new Interest(who, what) }));
          const index = new Interests<(typeof all)[number]>();
          for (const each of all) index.add(each);
          const left = all.filter((_, n) => !gone.includes(n));
          for (const each of all) if (!left.includes(each)) index.remove(each);
          const found = [...index.candidates(one, places)].filter((c) => c.interest.shapeOf(one, places) !== undefined);
          const wanted = left.filter((c) => c.interest.shapeOf(one, places) !== undefined);
          expect(new Set(found)).toEqual(new Set(wanted));
        },
      ),
    );
  });

  it('costs nothing to an event of something else', () => {
    const index = new Interests<{ interest: Interest }>();
    for (let n = 0; n < 500; n++)
      index.add({ interest: new Interest(staff(), { topics: ['stations'], deviceIds: [String(n)] }) });
    expect([...index.candidates(event(1, 1, 'station.online', { device_id: '7' }), places)]).toHaveLength(1);
    expect([...index.candidates(event(1, 1, 'transaction.ended', { device_id: '7' }), places)]).toHaveLength(0);
    expect([...index.candidates(event(1, 2, 'station.online', { device_id: '7' }), places)]).toHaveLength(0);
  });
});

describe('what is kept in memory', () => {
  it('is told page by page, to each tenant its own, and nothing that was dropped is passed over in silence', () => {
    const recent = new RecentEvents(100);
    for (let n = 101; n <= 110; n++) recent.add(event(n, n % 2 === 0 ? 1 : 2, 'station.online'));
    const sequences = (after: number, limit: number) => {
      const { events, through, more } = recent.after(1, after, limit);
      return [events.map((e) => e.sequence), through, more];
    };
    expect(sequences(100, 3)).toEqual([[102, 104, 106], 106, true]);
    expect(sequences(106, 3)).toEqual([[108, 110], 110, false]);
    expect(sequences(110, 3)).toEqual([[], 110, false]);
    recent.pass(111);
    expect(sequences(110, 3)).toEqual([[], 111, false]);
    for (let n = 112; n <= 10_200; n++) recent.add(event(n, 1, 'station.online'));
    expect(recent.floor).toBe(10_200 - 10_000);
    expect(recent.after(1, recent.floor, 20_000).events).toHaveLength(10_000);
    recent.restart(20_000);
    expect([recent.floor, recent.last, recent.after(1, 20_000, 10).events]).toEqual([20_000, 20_000, []]);
  });
});
