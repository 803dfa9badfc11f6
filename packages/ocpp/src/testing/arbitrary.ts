/** Payloads made from the schemas' own structure: the smallest valid one, and any valid one. For tests only. */
import fc from 'fast-check';
import type { MessageTree, SchemaNode } from '../tree.js';
import type { Rule } from '../walk.js';

export const TIME = '2025-03-01T10:00:00Z';
const ADDRESS = 'https://example.org/file';

export function resolve(tree: MessageTree, node: SchemaNode): SchemaNode {
  return node.$ref === undefined ? node : tree.definitions[node.$ref.slice('#/definitions/'.length)]!;
}

/** The smallest payload that a node accepts; with `full`, one with every optional field. */
export function minimal(tree: MessageTree, schema: SchemaNode, full = false): unknown {
  const node = resolve(tree, schema);
  switch (node.type) {
    case 'object': {
      const names = full ? Object.keys(node.properties ?? {}) : (node.required ?? []);
      return Object.fromEntries(names.map((name) => [name, minimal(tree, node.properties![name]!, full)]));
    }
    case 'array':
      return Array.from({ length: node.minItems ?? 1 }, () => minimal(tree, node.items!, full));
    case 'string':
      return node.enum?.[0] ?? (node.format === 'date-time' ? TIME : node.format === 'uri' ? ADDRESS : 'x');
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return node.minimum ?? Math.min(1, node.maximum ?? 1);
    default:
      return 'anything';
  }
}

/** One way to break one rule: put `value` at `path` of the full payload. */
export interface Violation {
  readonly path: readonly (string | number)[];
  readonly rule: Rule;
  readonly value: unknown;
}

/** Every rule of every field that the full payload of {@link minimal} has, broken one at a time. */
export function* violations(
  tree: MessageTree,
  schema: SchemaNode,
  path: (string | number)[] = [],
): Generator<Violation> {
  const node = resolve(tree, schema);
  if (node.type !== undefined && path.length > 0) yield { path, rule: 'type', value: null };
  if (node.type === 'integer') yield { path, rule: 'type', value: 0.5 };
  if (node.maxLength !== undefined) yield { path, rule: 'maxLength', value: '\u{1F50C}'.repeat(node.maxLength + 1) };
  if (node.enum !== undefined) yield { path, rule: 'enum', value: 'Nonsense' };
  if (node.format === 'date-time' || node.format === 'uri') yield { path, rule: node.format, value: 'soon' };
  if (node.minimum !== undefined) yield { path, rule: 'minimum', value: node.minimum - 1 };
  if (node.maximum !== undefined) yield { path, rule: 'maximum', value: node.maximum + 1 };
  if (node.multipleOf !== undefined) yield { path, rule: 'multipleOf', value: node.multipleOf / 2 };
  if (node.minItems !== undefined) yield { path, rule: 'minItems', value: [] };
  if (node.maxItems !== undefined) {
    const item = minimal(tree, node.items!);
    yield { path, rule: 'maxItems', value: Array.from({ length: node.maxItems + 1 }, () => item) };
  }
  if (node.additionalProperties === false) {
    yield { path: [...path, 'unheardOf'], rule: 'additionalProperties', value: 1 };
  }
  if (node.items !== undefined) yield* violations(tree, node.items, [...path, 0]);
  for (const [name, child] of Object.entries(node.properties ?? {})) yield* violations(tree, child, [...path, name]);
}

/** JSON pointers-as-arrays of every required field reached in {@link minimal}. */
export function requiredPaths(
  tree: MessageTree,
  schema: SchemaNode,
  at: (string | number)[] = [],
): (string | number)[][] {
  const node = resolve(tree, schema);
  if (node.type === 'array') return requiredPaths(tree, node.items!, [...at, 0]);
  if (node.type !== 'object') return [];
  return (node.required ?? []).flatMap((name) => {
    const path = [...at, name];
    return [path, ...requiredPaths(tree, node.properties![name]!, path)];
  });
}

/** Any valid payload, optional fields in and out; below `depth` 3 only the required ones, to keep it small. */
export function payloads(tree: MessageTree, schema: SchemaNode, depth = 0): fc.Arbitrary<unknown> {
  const node = resolve(tree, schema);
  switch (node.type) {
    case 'object': {
      const required = new Set(node.required ?? []);
      const fields = Object.entries(node.properties ?? {}).filter(([name]) => required.has(name) || depth < 3);
      const model = Object.fromEntries(fields.map(([name, child]) => [name, payloads(tree, child, depth + 1)]));
      return fc.record(model, { requiredKeys: [...required] });
    }
    case 'array': {
      const minLength = node.minItems ?? 0;
      return fc.array(payloads(tree, node.items!, depth + 1), {
        minLength,
        maxLength: Math.min(node.maxItems ?? minLength + 2, minLength + 2),
      });
    }
    case 'string':
      if (node.enum !== undefined) return fc.constantFrom(...node.enum);
      if (node.format !== undefined) return fc.constant(node.format === 'uri' ? ADDRESS : TIME);
      return fc.string({ unit: 'binary', maxLength: Math.min(node.maxLength ?? 30, 30) });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: node.minimum ?? -1000, max: node.maximum ?? 100_000 });
    case 'number':
      if (node.multipleOf !== undefined) return fc.integer({ min: 0, max: 5000 }).map((n) => n * node.multipleOf!);
      return fc.double({ min: node.minimum ?? -1e6, max: node.maximum ?? 1e6, noNaN: true });
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

/** Replaces, adds or removes something at a random place: often invalid, sometimes not. */
export function mutated(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const replacement = fc.oneof(
    fc.constantFrom<unknown>(null, [], {}, true, 0, -1, 1.5, 1e9, '', 'Nonsense', 'x'.repeat(40_000), '2025-13-01'),
    fc.jsonValue({ maxDepth: 1 }),
  );
  return fc
    .tuple(valid, replacement, fc.array(fc.nat(20), { maxLength: 5 }), fc.constantFrom('replace', 'add', 'remove'))
    .map(([payload, value, route, how]) => mutate(payload, value, route, how));
}

function mutate(target: unknown, value: unknown, route: readonly number[], how: string): unknown {
  if (route.length === 0 || typeof target !== 'object' || target === null) return how === 'replace' ? value : target;
  const keys = Object.keys(target);
  if (keys.length === 0) return target;
  const key = keys[route[0]! % keys.length]!;
  const copy: Record<string, unknown> = { ...target };
  const last = route.length === 1;
  if (last && how === 'add') copy.unheardOf = value;
  else if (last && how === 'remove') delete copy[key];
  else copy[key] = mutate(copy[key], value, route.slice(1), how);
  return Array.isArray(target) ? Object.values(copy) : copy;
}
