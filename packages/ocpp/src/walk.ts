/**
 * Finds what is wrong with a payload. The compiled validators say only yes or no; on a no this reads the same structure
 * and reports problem by problem, without collecting: memory and time stay bounded by the payload, whatever it holds.
 */
import { characters, FORMATS, type MessageTree, type SchemaNode } from './tree.js';

/** The schema keyword that a payload broke; for `format`, the format. */
export type Rule =
  | 'type'
  | 'required'
  | 'additionalProperties'
  | 'enum'
  | 'maxLength'
  | 'minItems'
  | 'maxItems'
  | 'minimum'
  | 'maximum'
  | 'multipleOf'
  | 'date-time'
  | 'uri';

/** One problem. Never carries the value: it may be a secret. */
export interface Problem {
  readonly rule: Rule;
  /** JSON pointer (RFC 6901) to the field, e.g. `/meterValue/0/timestamp`; empty for the payload itself. */
  readonly path: string;
  /** The field and its owner without indices, e.g. `sampledValue[].unit`; the owner at the top is the action. */
  readonly field: string;
}

/** A name that is not in the schema is the sender's text: keep it short. */
const MAX_NAME = 64;

/** Same tolerance as the compiled check: 0.1 has no exact binary form. */
const STEP_TOLERANCE = 1e-6;

type Segments = (string | number)[];

/**
 * Reports the problems of `payload` against one definition of `tree`, in the order of the schema.
 * @param action names the owner of top-level fields in {@link Problem.field}
 * @param report answers whether to go on; false ends the walk
 * @returns false where the walk was ended
 */
export function walk(
  tree: MessageTree,
  definition: string,
  action: string,
  payload: unknown,
  report: (problem: Problem) => boolean,
): boolean {
  const at: Segments = [];
  const fail = (rule: Rule, name?: string): boolean => {
    const segments = name === undefined ? at : [...at, name.slice(0, MAX_NAME)];
    return report({ rule, path: pointer(segments), field: fieldOf(segments, action) });
  };

  const text = (node: SchemaNode, value: string): boolean => {
    if (node.maxLength !== undefined && value.length > node.maxLength && characters(value) > node.maxLength) {
      if (!fail('maxLength')) return false;
    }
    if (node.enum !== undefined && !node.enum.includes(value) && !fail('enum')) return false;
    if (node.format === 'date-time' || node.format === 'uri') {
      if (!FORMATS[node.format](value) && !fail(node.format)) return false;
    }
    return true;
  };

  const number = (node: SchemaNode, value: number): boolean => {
    if (node.minimum !== undefined && value < node.minimum && !fail('minimum')) return false;
    if (node.maximum !== undefined && value > node.maximum && !fail('maximum')) return false;
    if (node.multipleOf !== undefined) {
      const steps = value / node.multipleOf;
      if (Math.abs(Math.round(steps) - steps) > STEP_TOLERANCE && !fail('multipleOf')) return false;
    }
    return true;
  };

  const list = (node: SchemaNode, value: readonly unknown[]): boolean => {
    if (node.minItems !== undefined && value.length < node.minItems && !fail('minItems')) return false;
    if (node.maxItems !== undefined && value.length > node.maxItems && !fail('maxItems')) return false;
    if (node.items === undefined) return true;
    for (let i = 0; i < value.length; i++) {
      at.push(i);
      if (!visit(node.items, value[i])) return false;
      at.pop();
    }
    return true;
  };

  const object = (node: SchemaNode, value: Readonly<Record<string, unknown>>): boolean => {
    const known = node.properties ?? {};
    for (const name of node.required ?? []) {
      if (value[name] === undefined && !fail('required', name)) return false;
    }
    if (node.additionalProperties === false) {
      for (const name in value) {
        if (!Object.hasOwn(known, name) && !fail('additionalProperties', name)) return false;
      }
    }
    for (const name of Object.keys(known)) {
      const child = value[name];
      if (child === undefined) continue;
      at.push(name);
      if (!visit(known[name]!, child)) return false;
      at.pop();
    }
    return true;
  };

  const visit = (node: SchemaNode, value: unknown): boolean => {
    if (node.$ref !== undefined) return visit(tree.definitions[node.$ref.slice('#/definitions/'.length)]!, value);
    switch (node.type) {
      case 'object':
        return isObject(value) ? object(node, value) : fail('type');
      case 'array':
        return Array.isArray(value) ? list(node, value) : fail('type');
      case 'string':
        return typeof value === 'string' ? text(node, value) : fail('type');
      case 'boolean':
        return typeof value === 'boolean' || fail('type');
      case 'integer':
        return Number.isInteger(value) ? number(node, value as number) : fail('type');
      case 'number':
        return Number.isFinite(value) ? number(node, value as number) : fail('type');
      default:
        return true; // 2.x DataTransfer carries anything.
    }
  };

  return visit(tree.definitions[definition]!, payload);
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pointer(segments: Segments): string {
  return segments.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function fieldOf(segments: Segments, action: string): string {
  let field = '';
  let owner = action;
  for (const part of segments) {
    if (typeof part === 'number') {
      field += '[]';
    } else {
      if (field !== '') owner = field;
      field = part;
    }
  }
  return `${owner}.${field}`;
}
