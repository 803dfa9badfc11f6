import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerToBad, type BadFrame, parseFrame, type Version, writeFrame } from './frame.js';

const answerTo = (text: string, version: Version) => {
  const frame = parseFrame(text, version);
  expect(frame.kind).toBe('bad');
  return answerToBad(frame as BadFrame, version);
};

describe('frames', () => {
  it('reads what it writes', () => {
    const frame = { kind: 'call' as const, id: 'a-1', action: 'Heartbeat', payload: { x: [1, 'é'] } };
    expect(parseFrame(writeFrame(frame), '1.6')).toEqual(frame);
    expect(writeFrame({ kind: 'result', id: '1', payload: {} })).toBe('[3,"1",{}]');
    expect(writeFrame({ kind: 'error', id: '1', code: 'GenericError', description: '', details: {} })).toBe(
      '[4,"1","GenericError","",{}]',
    );
    const send = '[6,"1","NotifyPeriodicEventStream",{}]';
    expect(parseFrame(send, '2.1').kind).toBe('send');
    expect(parseFrame(send, '2.0.1').kind).toBe('bad');
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.constantFrom<Version>('1.6', '2.0.1', '2.1'),
        (text, version) => {
          const frame = parseFrame(text, version);
          if (frame.kind === 'bad') answerToBad(frame, version);
        },
      ),
    );
  });

  it('answers bad frames as each version asks', () => {
    expect(answerTo('[2,', '1.6')).toBeNull();
    expect(answerTo('[2,', '2.0.1')).toMatchObject({ kind: 'error', id: '-1', code: 'RpcFrameworkError' });
    expect(answerTo('[9,"1",{}]', '1.6')).toBeNull();
    expect(answerTo('[9,"1",{}]', '2.1')).toMatchObject({ id: '1', code: 'MessageTypeNotSupported' });
    expect(answerTo('[2,"1","Reset","x"]', '1.6')).toMatchObject({ id: '1', code: 'FormationViolation' });
    expect(answerTo('[2,"1","Reset",null]', '2.0.1')).toMatchObject({ id: '1', code: 'FormatViolation' });
    expect(answerTo('[2,17,"Reset",{}]', '2.0.1')).toMatchObject({ id: '-1', code: 'RpcFrameworkError' });
    expect(answerTo('[3,"1",[]]', '2.0.1')).toBeNull();
    expect(answerTo('[3,"1",[]]', '2.1')).toMatchObject({ kind: 'resultError', id: '1' });
  });
});
