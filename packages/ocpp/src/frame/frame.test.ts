/** Frames: round trips, each malformed shape, the answers to them, and a fuzz against JSON.parse. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Envelope, type Malformed, readEnvelope } from './read.js';
import { errorReplyFor } from './reply.js';
import { writeCall, writeCallText, writeError, writeResult, writeResultError, writeSend } from './write.js';

const ids = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const texts = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc.constantFrom('"\\', '{[', '}]', ','),
);
const payloads = fc.dictionary(texts, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
const same = (a: unknown, b: unknown) => expect(JSON.stringify(a)).toBe(JSON.stringify(b));

/** A frame with blanks wherever JSON allows them between its elements. */
const spaced = (elements: readonly string[], blank: string) =>
  `${blank}[${blank}${elements.join(`${blank},${blank}`)}${blank}]${blank}`;

describe('round trips', () => {
  const blanks = fc.constantFrom('', ' ', '\n\t', '\r\n  ');
  it('CALL, SEND and CALLRESULT', () => {
    fc.assert(
      fc.property(ids, texts, payloads, blanks, (id, action, payload, blank) => {
        const text = JSON.stringify(payload, null, blank);
        const [i, a] = [JSON.stringify(id), JSON.stringify(action)];
        expect(readEnvelope(spaced(['2', i, a, text], blank))).toEqual({ kind: 'call', id, action, payload: text });
        expect(readEnvelope(spaced(['6', i, a, text], blank))).toEqual({ kind: 'send', id, action, payload: text });
        expect(readEnvelope(spaced(['3', i, text], blank))).toEqual({ kind: 'result', id, payload: text });
        expect(readEnvelope(writeCall(id, action, payload))).toMatchObject({ kind: 'call', id, action });
        expect(writeCallText(id, action, JSON.stringify(payload))).toBe(writeCall(id, action, payload));
        same(JSON.parse(writeCall(id, action, payload)), [2, id, action, payload]);
        same(JSON.parse(writeSend(id, action, payload)), [6, id, action, payload]);
        same(JSON.parse(writeResult(id, payload)), [3, id, payload]);
        expect(writeResult(id, JSON.stringify(payload))).toBe(writeResult(id, payload));
      }),
    );
  });
  it('CALLERROR and CALLRESULTERROR', () => {
    fc.assert(
      fc.property(ids, texts, texts, payloads, (id, code, description, details) => {
        const rest = { id, code, description, details: JSON.stringify(details) };
        expect(readEnvelope(writeError(id, code, description, details))).toEqual({ kind: 'error', ...rest });
        expect(readEnvelope(writeResultError(id, code, description, details))).toEqual({
          kind: 'resultError',
          ...rest,
        });
      }),
    );
  });
  it('cuts descriptions to 255 characters', () => {
    expect(JSON.parse(writeError('1', 'GenericError', 'x'.repeat(1000)))).toEqual([
      4,
      '1',
      'GenericError',
      'x'.repeat(255),
      {},
    ]);
  });
  it('reads long strings in the payload', () => {
    for (const filling of ['"', '\\', '\\"', 'x']) {
      for (const length of [30, 31, 32, 33, 34, 35, 64, 1000]) {
        const payload = { data: filling.repeat(length), b: { c: ['}]'] } };
        expect(readEnvelope(writeCall('1', 'A', payload))).toMatchObject({ payload: JSON.stringify(payload) });
        expect(readEnvelope(`[3,"1",{"a":{"b":"${'x'.repeat(length)}\\"}}]`)).toMatchObject({ reason: 'truncated' });
      }
    }
  });
});

describe('malformed frames', () => {
  it.each([
    ['', 'not_json', null, null],
    ['hello', 'not_json', null, null],
    ['\uFEFF[2,"1","A",{}]', 'not_json', null, null],
    ['{"a":1}', 'not_array', null, null],
    ['"text"', 'not_array', null, null],
    ['null', 'not_array', null, null],
    ['17', 'not_array', null, null],
    ['[', 'truncated', null, null],
    ['[]', 'bad_type', null, null],
    ['[2', 'truncated', 2, null],
    ['[2]', 'bad_id', 2, null],
    ['["2","1","A",{}]', 'bad_type', null, '1'],
    ['[2.5,"1","A",{}]', 'bad_type', null, '1'],
    ['[02,"1","A",{}]', 'bad_type', null, '1'],
    ['[-2,"1","A",{}]', 'bad_type', null, '1'],
    ['[[2],"1","A",{}]', 'bad_type', null, '1'],
    ['[9,"1","A",{}]', 'bad_type', 9, '1'],
    ['[1,"1","A",{}]', 'bad_type', 1, '1'],
    ['[2,17,"A",{}]', 'bad_id', 2, '17'],
    ['[2,"","A",{}]', 'bad_id', 2, ''],
    ['[2,null,"A",{}]', 'bad_id', 2, null],
    ['[2,{},"A",{}]', 'bad_id', 2, null],
    ['[2,"a\\q","A",{}]', 'bad_id', 2, null],
    ['[2,"a\nb","A",{}]', 'bad_id', 2, null],
    [`[2,"${'x'.repeat(256)}","A",{}]`, 'too_long_id', 2, null],
    ['[2,"1"]', 'bad_action', 2, '1'],
    ['[2,"1",7,{}]', 'bad_action', 2, '1'],
    ['[2,"1","",{}]', 'bad_action', 2, '1'],
    [`[2,"1","${'x'.repeat(256)}",{}]`, 'bad_action', 2, '1'],
    ['[2,"1","A"]', 'bad_payload', 2, '1'],
    ['[2,"1","A",null]', 'bad_payload', 2, '1'],
    ['[2,"1","A",[]]', 'bad_payload', 2, '1'],
    ['[2,"1","A","{}"]', 'bad_payload', 2, '1'],
    ['[2,"1","A",{}', 'truncated', 2, '1'],
    ['[2,"1","A",{"a":{"b":"}]', 'truncated', 2, '1'],
    ['[2,"1","A",{"a":{}]', 'truncated', 2, '1'],
    ['[2,"1","A', 'truncated', 2, '1'],
    ['[2,"1","A",{},{}]', 'extra_elements', 2, '1'],
    ['[2,"1","A",{}]]', 'not_json', 2, '1'],
    ['[2,"1","A",{}] x', 'not_json', 2, '1'],
    ['[3,"1"]', 'bad_payload', 3, '1'],
    ['[3,"1",null]', 'bad_payload', 3, '1'],
    ['[4,"1"]', 'bad_error', 4, '1'],
    ['[4,"1",{}]', 'bad_error', 4, '1'],
    ['[4,"1","E","d",[}]]', 'bad_error', 4, '1'],
    ['[4,"1","E","d",{},1]', 'extra_elements', 4, '1'],
  ])('%j is %s', (frame, reason, type, id) => {
    expect(readEnvelope(frame)).toEqual({ kind: 'malformed', reason, type, id });
  });

  it('keeps ids of up to 255 characters', () => {
    const id = 'x'.repeat(255);
    expect(readEnvelope(writeCall(id, 'A', {}))).toMatchObject({ kind: 'call', id });
  });

  it('knows types 5 and 6 only in 2.1', () => {
    expect(readEnvelope('[6,"1","A",{}]', 'ocpp2.1').kind).toBe('send');
    expect(readEnvelope('[6,"1","A",{}]', 'ocpp2.0.1')).toMatchObject({ reason: 'bad_type', type: 6, id: '1' });
    expect(readEnvelope('[5,"1","E","",{}]', 'ocpp1.6')).toMatchObject({ reason: 'bad_type' });
  });

  it('forgives an error frame what it lacks', () => {
    const lean = { kind: 'error', id: '1', code: 'E', description: '', details: '{}' };
    for (const frame of ['[4,"1","E"]', '[4,"1","E",""]', '[4,"1","E",null,null]', '[4,"1","E","",""]']) {
      expect(readEnvelope(frame)).toEqual(lean);
    }
  });
});

describe('errorReplyFor', () => {
  const reply = (frame: string, version: 'ocpp1.6' | 'ocpp2.0.1' | 'ocpp2.1') => {
    const text = errorReplyFor(readEnvelope(frame, version) as Malformed, version);
    return text === null ? null : (JSON.parse(text) as unknown[]).slice(0, 3);
  };
  it('speaks 1.6', () => {
    expect(reply('[2,"1","A",null]', 'ocpp1.6')).toEqual([4, '1', 'FormationViolation']);
    expect(reply('[2,17,"A",{}]', 'ocpp1.6')).toEqual([4, '17', 'FormationViolation']);
    expect(reply('["2","1","A",{}]', 'ocpp1.6')).toEqual([4, '1', 'FormationViolation']);
    for (const silent of ['hello', '[]', '[2,null,"A",{}]', '[9,"1","A",{}]', '[3,"1"]', '[4,"1"]', '[6,"1","A",{}]']) {
      expect(reply(silent, 'ocpp1.6'), silent).toBeNull();
    }
  });
  it('speaks 2.0.1', () => {
    expect(reply('[2,"1","A",null]', 'ocpp2.0.1')).toEqual([4, '1', 'FormatViolation']);
    expect(reply('[2,"1","A",{"a"', 'ocpp2.0.1')).toEqual([4, '1', 'FormatViolation']);
    expect(reply('hello', 'ocpp2.0.1')).toEqual([4, '-1', 'RpcFrameworkError']);
    expect(reply('[2,null,"A",{}]', 'ocpp2.0.1')).toEqual([4, '-1', 'RpcFrameworkError']);
    expect(reply('[9,"1","A",{}]', 'ocpp2.0.1')).toEqual([4, '1', 'MessageTypeNotSupported']);
    expect(reply('[6,"1","A",{}]', 'ocpp2.0.1')).toEqual([4, '1', 'MessageTypeNotSupported']);
    for (const silent of ['[3,"1"]', '[4,"1"]']) expect(reply(silent, 'ocpp2.0.1'), silent).toBeNull();
  });
  it('speaks 2.1', () => {
    expect(reply('[3,"1",null]', 'ocpp2.1')).toEqual([5, '1', 'FormatViolation']);
    for (const silent of ['[3,null,{}]', '[4,"1"]', '[5,"1"]', '[6,"1"]']) expect(reply(silent, 'ocpp2.1')).toBeNull();
  });
});

describe('fuzz', () => {
  const frames = fc
    .tuple(fc.constantFrom(2, 3, 4, 5, 6), ids, texts, texts, payloads)
    .map(([type, id, action, text, payload]) => {
      if (type === 3) return JSON.stringify([type, id, payload]);
      return JSON.stringify(type === 2 || type === 6 ? [type, id, action, payload] : [type, id, action, text, payload]);
    });
  const noise = fc.constantFrom(
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '0',
    '2',
    '-',
    '\n',
    'null',
    '{}',
    '\u0000',
    'é',
  );
  const hurt = fc
    .tuple(
      frames,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom('insert', 'delete', 'swap', 'cut'), noise), { maxLength: 3 }),
    )
    .map(([frame, wounds]) =>
      wounds.reduce((text, [where, how, what]) => {
        const at = where % (text.length + 1);
        if (how === 'cut') return where % 4 === 0 ? text.slice(0, at) : text;
        return text.slice(0, at) + (how === 'delete' ? '' : what) + text.slice(how === 'insert' ? at : at + 1);
      }, frame),
    );
  const lists = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 6 }).map((list) => JSON.stringify(list));

  const parse = (text: string): { value: unknown } | null => {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return null;
    }
  };

  /** What a parsed frame must look like to be read, written independently of the reader. */
  const wellFormed = (value: unknown): boolean => {
    if (!Array.isArray(value)) return false;
    const [type, id, third, fourth] = value as unknown[];
    const isObject = (v: unknown) => typeof v === 'object' && v !== null && !Array.isArray(v);
    const isName = (v: unknown) => typeof v === 'string' && v !== '' && v.length <= 255;
    if (!isName(id)) return false;
    if (type === 2 || type === 6) return value.length === 4 && isName(third) && isObject(fourth);
    if (type === 3) return value.length === 3 && isObject(third);
    return (type === 4 || type === 5) && typeof third === 'string' && value.length >= 3 && value.length <= 5;
  };

  const elements = (e: Exclude<Envelope, Malformed>, parsed: readonly unknown[]): [unknown[], unknown[]] => {
    if (e.kind === 'call' || e.kind === 'send') return [[e.id, e.action, JSON.parse(e.payload)], parsed.slice(1)];
    if (e.kind === 'result') return [[e.id, JSON.parse(e.payload)], parsed.slice(1)];
    const [, id, code, description, details] = parsed;
    const plain = typeof details === 'object' && details !== null && !Array.isArray(details) ? details : {};
    return [
      [e.id, e.code, e.description, JSON.parse(e.details)],
      [id, String(code).slice(0, 255), typeof description === 'string' ? description.slice(0, 255) : '', plain],
    ];
  };

  it('agrees with JSON.parse; where that fails, at most the payload is at fault', () => {
    let read = 0;
    let broken = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 8, arbitrary: hurt }, lists, fc.string(), fc.json()), (text) => {
        const envelope = readEnvelope(text);
        const parsed = parse(text);
        if (parsed !== null) expect(envelope.kind !== 'malformed').toBe(wellFormed(parsed.value));
        if (envelope.kind === 'malformed') {
          broken++;
          for (const version of ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const) {
            const answer = errorReplyFor(envelope, version);
            if (answer !== null) expect(wellFormed(JSON.parse(answer)) || envelope.id === '').toBe(true);
          }
          return;
        }
        read++;
        if (parsed !== null) {
          const [own, theirs] = elements(envelope, parsed.value as unknown[]);
          same(own, theirs);
        } else {
          expect(parse('payload' in envelope ? envelope.payload : envelope.details)).toBeNull();
        }
      }),
      { numRuns: 6000 },
    );
    expect(read).toBeGreaterThan(500);
    expect(broken).toBeGreaterThan(500);
  });

  it('takes deep nesting and unbalanced brackets without a stack', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(readEnvelope(`[2,"1","A",${deep}]`)).toMatchObject({ kind: 'call', payload: deep });
    expect(readEnvelope(`[2,"1","A",${'{'.repeat(100_000)}`)).toMatchObject({ reason: 'truncated' });
  });
});
