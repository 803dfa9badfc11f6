/** The compiled validators and the search for problems, over every message of every version. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimal, mutated, payloads, requiredPaths, violations } from './testing/arbitrary.js';
import { characters, FORMATS } from './tree.js';
import { loadVersion } from './validate.js';
import { type Problem, walk } from './walk.js';

const MODULES = {
  'ocpp1.6': await import('./gen/validators16.js'),
  'ocpp2.0.1': await import('./gen/validators201.js'),
  'ocpp2.1': await import('./gen/validators21.js'),
};

function problems(tree: (typeof MODULES)['ocpp1.6']['tree'], definition: string, payload: unknown): Problem[] {
  const found: Problem[] = [];
  walk(tree, definition, 'Any', payload, (problem) => found.push(problem) < 20);
  return found;
}

const without = (payload: unknown, path: readonly (string | number)[]): unknown => {
  const copy: unknown = structuredClone(payload);
  let owner = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) owner = owner[step] as typeof owner;
  delete owner[path.at(-1)!];
  return copy;
};

describe.each(['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const)('validators of %s', (version) => {
  const { tree, build } = MODULES[version];
  const compiled = build(FORMATS, characters);
  const definitions = [...tree.requests.map((a) => `${a}Request`), ...tree.responses.map((a) => `${a}Response`)];

  it('accept what the schema allows', () => {
    for (const name of definitions) {
      fc.assert(
        fc.property(payloads(tree, tree.definitions[name]!), (payload) => {
          expect(problems(tree, name, payload), name).toEqual([]);
          expect(compiled[name]!(payload), name).toBe(true);
        }),
        { numRuns: 4 },
      );
    }
  });

  it('agree with the search about mutated payloads', () => {
    let refused = 0;
    for (const name of definitions) {
      fc.assert(
        fc.property(mutated(payloads(tree, tree.definitions[name]!)), (payload) => {
          const valid = compiled[name]!(payload);
          if (!valid) refused++;
          expect(problems(tree, name, payload).length === 0, name).toBe(valid);
        }),
        { numRuns: 12 },
      );
    }
    expect(refused).toBeGreaterThan(definitions.length);
  });

  it('refuse each broken rule of each field, and name both', () => {
    for (const name of definitions) {
      const payload = minimal(tree, tree.definitions[name]!, true);
      expect(compiled[name]!(payload), name).toBe(true);
      for (const { path, rule, value } of violations(tree, tree.definitions[name]!)) {
        let owner = payload as Record<string | number, unknown>;
        for (const step of path.slice(0, -1)) owner = owner[step] as typeof owner;
        const last = path.at(-1)!;
        const before = owner[last];
        owner[last] = value;
        const seen = [compiled[name]!(payload), ...problems(tree, name, payload).map((p) => `${p.rule} ${p.path}`)];
        if (before === undefined) delete owner[last];
        else owner[last] = before;
        if (seen[0] !== false || seen[1] !== `${rule} /${path.join('/')}`) {
          expect.fail(`${name}: ${rule} at /${path.join('/')} seen as ${seen.join(', ')}`);
        }
      }
    }
  });

  it('refuse a payload without a required field, and name the field', async () => {
    const codec = await loadVersion(version);
    const code = version === 'ocpp1.6' ? 'OccurenceConstraintViolation' : 'OccurrenceConstraintViolation';
    for (const [side, actions] of [['Request', tree.requests] as const, ['Response', tree.responses] as const]) {
      for (const action of actions) {
        const node = tree.definitions[`${action}${side}`]!;
        const payload = minimal(tree, node);
        const check = side === 'Request' ? codec.validateRequest : codec.validateResponse;
        expect(check(action, payload), action).toMatchObject({ ok: true, warnings: [] });
        for (const path of requiredPaths(tree, node)) {
          expect(check(action, without(payload, path)), `${action} ${path.join('/')}`).toMatchObject({
            ok: false,
            code,
            details: { rule: 'required', path: `/${path.join('/')}` },
          });
        }
      }
    }
  });
});
