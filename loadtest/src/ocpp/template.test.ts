import { describe, expect, it } from 'vitest';
import { actionOf, CALL, CALL_KINDS, VERSIONS } from './calls.js';
import { counterOf, ID_LENGTH, initId, setCounter } from './message-id.js';
import { Scratch, Stamp, templatesOf } from './template.js';

const ids = new Uint8Array(2 * ID_LENGTH);
initId(ids, ID_LENGTH, 'r4n5', 35 * 36 + 7);
setCounter(ids, ID_LENGTH, 99);

const values = {
  ids,
  idAt: ID_LENGTH,
  stamp: Buffer.from('2026-01-31T12:00:00.000Z'),
  wh: 1_234_567,
  w: 0,
  seq: 10,
  tx: '4711',
  tag: 'TAG-1',
};

/** The text of a frame whose mask is zero. */
function textOf(frame: Buffer): string {
  const short = frame[1]! & 0x7f;
  const at = short === 126 ? 8 : 6;
  expect(frame).toHaveLength(at + (short === 126 ? frame.readUInt16BE(2) : short));
  return frame.toString('utf8', at);
}

describe('templates', () => {
  const scratch = new Scratch();

  it.each(VERSIONS.flatMap((version) => CALL_KINDS.map((kind) => [version, actionOf(version, kind), kind] as const)))(
    '%s %s is a CALL with every place filled',
    (version, action, kind) => {
      const text = textOf(scratch.render(templatesOf(version)[kind]!, values));
      const frame = JSON.parse(text);
      expect(frame).toHaveLength(4);
      expect(frame.slice(0, 3)).toEqual([2, 'r4n5-000z7-00002r', action]);
      expect(JSON.stringify(frame)).not.toMatch(/\{(?:id|ts|wh|w|seq|tx|tag)\}/);
    },
  );

  it('puts two sampled values into meter values', () => {
    const [, , , old] = JSON.parse(textOf(scratch.render(templatesOf('1.6')[CALL.meter]!, values)));
    expect(old.transactionId).toBe(4711);
    expect(old.meterValue[0].sampledValue.map((s: { value: string }) => s.value)).toEqual(['1234567', '0']);
    const [, , , event] = JSON.parse(textOf(scratch.render(templatesOf('2.1')[CALL.meter]!, values)));
    expect(event).toMatchObject({ eventType: 'Updated', seqNo: 10, transactionInfo: { transactionId: '4711' } });
    expect(event.meterValue[0].sampledValue.map((s: { value: number }) => s.value)).toEqual([1_234_567, 0]);
  });

  it('leaves memory that is still read from alone, once told to', () => {
    const first = scratch.render(templatesOf('1.6')[CALL.heartbeat]!, values);
    const before = Buffer.from(first);
    scratch.renew();
    scratch.render(templatesOf('1.6')[CALL.start]!, { ...values, wh: 5 });
    expect(first).toEqual(before);
  });

  it('stamps the time once in a millisecond, and never writes over an older stamp', () => {
    const stamp = new Stamp();
    const first = stamp.bytes(1000.2);
    expect(stamp.bytes(1000.9)).toBe(first);
    const text = Buffer.from(first).toString();
    expect(Buffer.from(stamp.bytes(1002.1)).toString()).not.toBe(text);
    expect(Buffer.from(first).toString()).toBe(text);
    expect(text).toBe(new Date(performance.timeOrigin + 1000.2).toISOString());
  });
});

describe('message ids', () => {
  it('are read back by their own run and station only', () => {
    const id = Buffer.from(ids.subarray(ID_LENGTH)).toString();
    expect(counterOf(id, 'r4n5', 35 * 36 + 7)).toBe(99);
    expect(counterOf(id, 'r4n5', 1)).toBe(-1);
    expect(counterOf(id, 'xxxx', 35 * 36 + 7)).toBe(-1);
    expect(counterOf('', 'r4n5', 1)).toBe(-1);
    expect(counterOf(`${id.slice(0, -1)}!`, 'r4n5', 35 * 36 + 7)).toBe(-1);
  });
});
