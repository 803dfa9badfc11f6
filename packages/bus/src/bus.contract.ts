/** What every bus does: one suite, run against the real server and the twin inside the process. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, BusMessage, BusStatus } from './bus.js';
import { BusPayloadError, BusSubjectError, BusTimeoutError, BusUnavailableError, NoRespondersError } from './errors.js';

/** One bus under test. */
export interface BusHarness {
  connect(name: string): Promise<Bus>;
  /** Takes the bus away from everybody. */
  down(): Promise<void>;
  up(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const nothing = (): void => {};

/** Waits until something holds; the bound is for a bus that never gets there. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 20_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const reaches = (bus: Bus, status: BusStatus): Promise<void> => until(() => bus.status === status, `status ${status}`);

export function busContract(harness: () => BusHarness): void {
  const open: Bus[] = [];
  let a: Bus;
  let b: Bus;
  let root = '';
  let run = 0;
  const connect = async (name: string): Promise<Bus> => {
    const bus = await harness().connect(name);
    open.push(bus);
    return bus;
  };
  beforeEach(async () => {
    run += 1;
    root = `t.${process.pid}.${run}`;
    a = await connect('a');
    b = await connect('b');
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((bus) => bus.close()));
  });

  /** Subscribes, and returns what has come so far. */
  const listen = (bus: Bus, subject: string, queue?: string): BusMessage[] => {
    const got: BusMessage[] = [];
    bus.subscribe(subject, (message) => got.push(message), queue === undefined ? {} : { queue });
    return got;
  };
  const texts = (got: readonly BusMessage[]): string[] => got.map(({ data }) => text(data));

  describe('publish and subscribe', () => {
    it('delivers in order, to everybody who listens, also to the publisher, and not in its stack', async () => {
      const atA = listen(a, `${root}.x`);
      const atB = listen(b, `${root}.x`);
      await Promise.all([a.flush(), b.flush()]);
      const sent = Array.from({ length: 200 }, (_, i) => `message ${i}`);
      for (const one of sent) a.publish(`${root}.x`, bytes(one));
      expect(atA).toHaveLength(0);
      await until(() => atA.length >= 200 && atB.length >= 200, 'all arrive');
      expect(texts(atA)).toEqual(sent);
      expect(texts(atB)).toEqual(sent);
      expect(atB[0]?.subject).toBe(`${root}.x`);
      expect(atB[0]?.noResponders).toBe(false);
    });

    it('matches * with one token and > with the rest', async () => {
      const star = listen(b, `${root}.*.z`);
      const rest = listen(b, `${root}.>`);
      const exact = listen(b, `${root}.y.z`);
      await b.flush();
      for (const end of ['y.z', 'y', 'y.z.z', 'z.z']) a.publish(`${root}.${end}`, bytes(end));
      await until(() => rest.length === 4, 'all arrive');
      expect(texts(star)).toEqual(['y.z', 'z.z']);
      expect(texts(exact)).toEqual(['y.z']);
      expect(texts(rest)).toEqual(['y.z', 'y', 'y.z.z', 'z.z']);
    });

    it('gives each message to one member of a queue group, and to each group', async () => {
      const members = [listen(a, `${root}.q`, 'g'), listen(b, `${root}.q`, 'g'), listen(b, `${root}.q`, 'g')];
      const other = listen(b, `${root}.q`, 'h');
      const all = listen(b, `${root}.q`);
      await Promise.all([a.flush(), b.flush()]);
      for (let i = 0; i < 120; i++) a.publish(`${root}.q`, bytes(String(i)));
      const total = () => members.reduce((sum, got) => sum + got.length, 0);
      await until(() => total() >= 120 && other.length >= 120 && all.length >= 120, 'all arrive');
      await Promise.all([a.flush(), b.flush()]);
      expect(total()).toBe(120);
      expect(other).toHaveLength(120);
      expect(members.filter((got) => got.length > 0).length).toBeGreaterThan(1);
    });

    it('stops at once when unsubscribed', async () => {
      const got: string[] = [];
      const subscription = b.subscribe(`${root}.u`, ({ data }) => {
        got.push(text(data));
        subscription.unsubscribe();
      });
      await b.flush();
      for (const one of ['1', '2', '3']) a.publish(`${root}.u`, bytes(one));
      const after = listen(b, `${root}.end`);
      await b.flush();
      a.publish(`${root}.end`, bytes('end'));
      await until(() => after.length > 0, 'the end');
      expect(got).toEqual(['1']);
    });

    it('goes on after a handler that throws', async () => {
      b.subscribe(`${root}.t`, () => {
        throw new Error('of this message only');
      });
      const got = listen(b, `${root}.t`);
      await b.flush();
      a.publish(`${root}.t`, bytes('1'));
      a.publish(`${root}.t`, bytes('2'));
      await until(() => got.length === 2, 'both arrive');
    });

    it('refuses what cannot be a subject or is too large', () => {
      for (const subject of ['', 'a b', 'a..b', '.a', 'a.', 'a.*', 'a.>', 'a\r\nPUB b 0', 'x'.repeat(2000)]) {
        expect(() => a.publish(subject, bytes('1')), subject).toThrow(BusSubjectError);
      }
      for (const subject of ['', 'a b', 'a..b', '>.a', 'a.b>']) {
        expect(() => a.subscribe(subject, nothing), subject).toThrow(BusSubjectError);
      }
      expect(() => a.publish('a', bytes('1'), { replyTo: 'a b' })).toThrow(BusSubjectError);
      expect(() => a.subscribe('a', nothing, { queue: 'a b' })).toThrow(BusSubjectError);
      expect(a.maxPayload).toBeGreaterThanOrEqual(1_048_576);
      expect(() => a.publish('a', new Uint8Array(a.maxPayload + 1))).toThrow(BusPayloadError);
    });
  });

  describe('no responders', () => {
    it('says on the reply subject that nobody listens, and only then', async () => {
      const replies = listen(a, `${root}.replies`);
      const got = listen(b, `${root}.heard`);
      await Promise.all([a.flush(), b.flush()]);
      a.publish(`${root}.heard`, bytes('1'), { replyTo: `${root}.replies` });
      a.publish(`${root}.nobody`, bytes('2'), { replyTo: `${root}.replies` });
      await until(() => replies.length > 0, 'the report');
      await until(() => got.length > 0, 'the message');
      expect(replies).toHaveLength(1);
      expect(replies[0]).toMatchObject({ noResponders: true, subject: `${root}.replies` });
      expect(replies[0]?.data).toHaveLength(0);
      got[0]?.respond(bytes('answer'));
      await until(() => replies.length > 1, 'the answer');
      expect(replies[1]?.noResponders).toBe(false);
      expect(texts(replies)[1]).toBe('answer');
    });

    it('counts a member of a queue group as a listener', async () => {
      const replies = listen(a, `${root}.replies`);
      const got = listen(b, `${root}.*`, 'g');
      await Promise.all([a.flush(), b.flush()]);
      a.publish(`${root}.one`, new Uint8Array(0), { replyTo: `${root}.r.r` });
      await until(() => got.length > 0, 'the message');
      expect(replies).toHaveLength(0);
      expect(got[0]?.noResponders).toBe(false);
    });
  });

  describe('request', () => {
    it('brings one answer, to each who asks their own', async () => {
      b.subscribe(`${root}.echo`, (message) => message.respond(bytes(`to ${text(message.data)}`)));
      await b.flush();
      const answers = await Promise.all(
        ['1', '2', '3'].map((one) => a.request(`${root}.echo`, bytes(one), 5000).then(text)),
      );
      expect(answers).toEqual(['to 1', 'to 2', 'to 3']);
    });

    it('knows at once that nobody listens, and gives up on who is silent', async () => {
      await expect(a.request(`${root}.nobody`, bytes('1'), 60_000)).rejects.toThrow(NoRespondersError);
      b.subscribe(`${root}.silent`, nothing);
      await b.flush();
      await expect(a.request(`${root}.silent`, bytes('1'), 30)).rejects.toThrow(BusTimeoutError);
    });
  });

  describe('status', () => {
    it('closes once and for all', async () => {
      const seen: BusStatus[] = [];
      a.onStatus((status) => seen.push(status));
      expect(a.status).toBe('connected');
      await a.close();
      await a.close();
      expect(a.status).toBe('closed');
      expect(seen).toEqual(['closed']);
      expect(() => a.publish(`${root}.x`, bytes('1'))).toThrow(BusUnavailableError);
      expect(() => a.subscribe(`${root}.x`, nothing)).toThrow(BusUnavailableError);
      await expect(a.request(`${root}.x`, bytes('1'), 1000)).rejects.toThrow(BusUnavailableError);
      await expect(a.flush()).rejects.toThrow(BusUnavailableError);
    });

    it('tells of a loss, refuses meanwhile, and comes back with every subscription', async () => {
      const seen: BusStatus[] = [];
      const stop = a.onStatus((status) => seen.push(status));
      const before = listen(b, `${root}.before`);
      const queued = listen(b, `${root}.queued`, 'g');
      await b.flush();
      await harness().down();
      await Promise.all([reaches(a, 'disconnected'), reaches(b, 'disconnected')]);
      expect(() => a.publish(`${root}.before`, bytes('lost'))).toThrow(BusUnavailableError);
      await expect(a.request(`${root}.before`, bytes('lost'), 1000)).rejects.toThrow(BusUnavailableError);
      await expect(a.flush()).rejects.toThrow(BusUnavailableError);
      await expect(a.events.append('x', `events.${root}`, bytes('1'))).rejects.toThrow(BusUnavailableError);
      const during = listen(b, `${root}.during`);
      await harness().up();
      await Promise.all([reaches(a, 'connected'), reaches(b, 'connected')]);
      await b.flush();
      for (const end of ['before', 'queued', 'during']) a.publish(`${root}.${end}`, bytes(end));
      await until(() => before.length + queued.length + during.length >= 3, 'all arrive');
      expect([before, queued, during].map(texts)).toEqual([['before'], ['queued'], ['during']]);
      expect(seen).toEqual(['disconnected', 'connected']);
      stop();
      await a.close();
      expect(seen).toHaveLength(2);
    });
  });

  describe('events', () => {
    it('keeps, de-duplicates and replays them in order', async () => {
      const live: string[] = [];
      let first = 0;
      const following = await b.events.follow(`events.${root}.>`, (event) => {
        first ||= event.sequence;
        live.push(text(event.data));
      });
      for (let i = 0; i < 5; i++) await a.events.append(`${root}-${i}`, `events.${root}.k${i % 2}`, bytes(String(i)));
      await a.events.append(`${root}-4`, `events.${root}.k0`, bytes('again'));
      await a.events.append(`${root}-5`, `events.${root}.k1`, bytes('5'));
      await until(() => live.length >= 6, 'all arrive');
      expect(live).toEqual(['0', '1', '2', '3', '4', '5']);
      following.unsubscribe();
      await a.events.append(`${root}-6`, `events.${root}.k0`, bytes('6'));

      const replayed: string[] = [];
      const again = await b.events.follow(`events.${root}.k0`, ({ data }) => replayed.push(text(data)), {
        fromSequence: first,
      });
      await until(() => replayed.length >= 3, 'the replay');
      expect(replayed).toEqual(['2', '4', '6']);
      expect(live).toHaveLength(6);
      again.unsubscribe();
    });

    it('goes on without a gap after the bus was away', async () => {
      const got: string[] = [];
      await b.events.follow(`events.${root}.>`, ({ data }) => {
        got.push(text(data));
        if (got.length === 1) throw new Error('of this event only');
      });
      await a.events.append(`${root}-1`, `events.${root}.a`, bytes('1'));
      await until(() => got.length === 1, 'the first');
      await harness().down();
      await Promise.all([reaches(a, 'disconnected'), reaches(b, 'disconnected')]);
      await harness().up();
      await Promise.all([reaches(a, 'connected'), reaches(b, 'connected')]);
      for (const one of ['2', '3']) {
        await until(() => a.status === 'connected', 'connected');
        await a.events.append(`${root}-${one}`, `events.${root}.a`, bytes(one));
      }
      await until(() => got.length >= 3, 'the rest');
      expect(got).toEqual(['1', '2', '3']);
    });

    it('says how far it reaches, and is read page by page by whoever takes their time', async () => {
      const before = await b.events.state();
      expect(before.made).toBeGreaterThan(0);
      expect(before.first).toBeLessThanOrEqual(before.last + 1);
      for (let i = 0; i < 7; i++) await a.events.append(`${root}-p${i}`, `events.${root}.k${i % 2}`, bytes(String(i)));
      const after = await b.events.state();
      expect(after).toMatchObject({ made: before.made, last: before.last + 7 });

      const read = (from: number, limit: number) => b.events.read(`events.${root}.k0`, from, limit);
      const one = await read(before.last, 2);
      expect([...one.events.map(({ data }) => text(data)), one.more]).toEqual(['0', '2', true]);
      expect(one.through).toBe(before.last + 3);
      const other = await read(one.through, 2);
      expect([...other.events.map(({ data }) => text(data)), other.more]).toEqual(['4', '6', false]);
      // What does not match is passed over, so that nobody looks at it again.
      await a.events.append(`${root}-p7`, `events.${root}.k1`, bytes('7'));
      expect(await read(other.through, 2)).toEqual({ events: [], through: after.last + 1, more: false });
      expect(await read(after.last + 50, 2)).toMatchObject({ events: [], more: false });
    });

    it('refuses subjects that are not of events', async () => {
      await expect(a.events.read('>', 0, 1)).rejects.toThrow(BusSubjectError);
      await expect(a.events.append('1', `${root}.a`, bytes('1'))).rejects.toThrow(BusSubjectError);
      await expect(a.events.follow('>', nothing)).rejects.toThrow(BusSubjectError);
    });
  });
}
