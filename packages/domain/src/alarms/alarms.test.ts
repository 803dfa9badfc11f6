import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALARM_KIND_NAMES, ALARM_KINDS, type AlarmState, EVENT_KINDS, type KindOfAlarm } from './kinds.js';
import { ALARM_STEPS } from './life.js';
import { DEFAULT_RULES, defaultRule, MOST_WORDS, wrongParameter } from './rules.js';

const kind = fc.constantFrom(...ALARM_KIND_NAMES);

describe('rules', () => {
  it('hold as they stand where nobody says otherwise', () => {
    expect(DEFAULT_RULES.map((rule) => rule.kind)).toEqual(ALARM_KIND_NAMES);
    for (const { kind, enabled, parameters } of DEFAULT_RULES) {
      expect(enabled, kind).toBe(true);
      for (const [name, value] of Object.entries(parameters))
        expect(wrongParameter(kind, name, value), name).toBeNull();
    }
    expect(defaultRule('offline').parameters).toEqual({ minutes: 15, clear_minutes: 5 });
  });

  it('give every kind a way to be over', () => {
    for (const name of ALARM_KIND_NAMES) {
      const { parameters } = defaultRule(name);
      expect('quiet_hours' in parameters, name).toBe(EVENT_KINDS.includes(name));
      if (!EVENT_KINDS.includes(name)) expect(parameters, name).toHaveProperty('clear_minutes');
    }
  });

  it('take numbers within their bounds, and no others', () => {
    fc.assert(
      fc.property(kind, fc.double(), (name, value) => {
        const { numbers }: KindOfAlarm = ALARM_KINDS[name];
        for (const [parameter, { least, most }] of Object.entries(numbers))
          expect(wrongParameter(name, parameter, value) === null).toBe(value >= least && value <= most);
      }),
    );
  });

  it('take nothing that is no parameter of the kind, whatever its name', () => {
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', 'constructor', 'toString', 'days', 'ignore_types'),
    );
    fc.assert(
      fc.property(kind, names, fc.anything(), (name, parameter, value) => {
        if (Object.hasOwn(defaultRule(name).parameters, parameter)) return;
        expect(wrongParameter(name, parameter, value)).toBe('is no parameter of this kind');
      }),
    );
  });

  it('take lists of words of a length', () => {
    const wrong = (value: unknown) => wrongParameter('security_event', 'ignore_types', value) !== null;
    expect([[], ['A'], Array(MOST_WORDS).fill('A')].map(wrong)).toEqual([false, false, false]);
    const bad = [['A', 1], [''], ['A\0'], ['A'.repeat(51)], Array(MOST_WORDS + 1).fill('A'), 'A', null, {}];
    expect(bad.map(wrong)).toEqual(bad.map(() => true));
  });
});

describe('the life of an alarm', () => {
  const live: readonly AlarmState[] = ['open', 'acknowledged', 'snoozed'];

  it('ends for an operator from wherever it stands, and begins again for nobody', () => {
    expect(ALARM_STEPS.resolve.from).toEqual(live);
    for (const { from, to } of Object.values(ALARM_STEPS)) {
      expect(from).not.toContain('resolved');
      expect(to).not.toBe('open');
    }
  });
});
