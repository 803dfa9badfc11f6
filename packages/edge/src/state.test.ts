import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SessionState, step, TRANSITIONS } from './state.js';

const STATES = Object.keys(TRANSITIONS) as SessionState[];
const LISTED = new Set([
  'authenticating claiming',
  'authenticating closed',
  'claiming active',
  'claiming closing',
  'claiming closed',
  'active closing',
  'active closed',
  'closing closed',
]);

describe('the states of a session', () => {
  it('have the ways of the table and no other', () => {
    for (const from of STATES)
      for (const to of STATES) {
        if (LISTED.has(`${from} ${to}`)) expect(step(from, to)).toBe(to);
        else expect(() => step(from, to), `${from} to ${to}`).toThrow('cannot go');
      }
  });

  it('any walk takes listed steps only, never comes back, and can always end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATES), { maxLength: 30 }), (wishes) => {
        let state: SessionState = 'authenticating';
        const visited: SessionState[] = [state];
        for (const wish of wishes) {
          try {
            const next = step(state, wish);
            expect(LISTED.has(`${state} ${next}`)).toBe(true);
            state = next;
            visited.push(state);
          } catch {
            expect(LISTED.has(`${state} ${wish}`)).toBe(false);
          }
        }
        expect(new Set(visited).size).toBe(visited.length);
        expect(state === 'closed' || TRANSITIONS[state].includes('closed')).toBe(true);
      }),
    );
  });
});
