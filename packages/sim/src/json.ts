/**
 * The room of plain JSON: its types, and readers that take one field out of an object the CSMS sent and say which
 * field is wrong when it is.
 */

/** Any value JSON can carry. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** A JSON object. Fields that are `undefined` do not reach the wire. */
export interface JsonObject {
  [field: string]: Json | undefined;
}

/** What is wrong with a field: it is not there, it has another JSON type, or the type is right and the value is not. */
export type FieldFault = 'missing' | 'type' | 'value';

/** A field of a message broke the specification. `field` is a dotted path, never the value itself. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  constructor(
    readonly field: string,
    readonly fault: FieldFault,
    wanted: string,
  ) {
    super(fault === 'missing' ? `${field}: missing, ${wanted} wanted` : `${field}: ${wanted} wanted`);
  }
}

/** The JSON types a table of required fields can ask for. */
export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOfType(value: unknown, type: FieldType): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    default:
      return typeof value === type;
  }
}

/** Checks one field; throws {@link FieldError} when it is absent (and not optional) or of another type. */
export function check(object: JsonObject, field: string, type: FieldType, path = ''): void {
  const value = object[field];
  if (value === undefined) throw new FieldError(path + field, 'missing', type);
  if (!isOfType(value, type)) throw new FieldError(path + field, 'type', type);
}

function optional<T>(object: JsonObject, field: string, type: FieldType): T | undefined {
  if (object[field] === undefined) return undefined;
  check(object, field, type);
  return object[field] as T;
}

function required<T>(object: JsonObject, field: string, type: FieldType): T {
  check(object, field, type);
  return object[field] as T;
}

/** Readers of one field each; the plain ones throw when the field is missing, the `opt` ones give undefined. */
export const read = {
  str: (o: JsonObject, f: string): string => required(o, f, 'string'),
  optStr: (o: JsonObject, f: string): string | undefined => optional(o, f, 'string'),
  int: (o: JsonObject, f: string): number => required(o, f, 'integer'),
  optInt: (o: JsonObject, f: string): number | undefined => optional(o, f, 'integer'),
  num: (o: JsonObject, f: string): number => required(o, f, 'number'),
  optNum: (o: JsonObject, f: string): number | undefined => optional(o, f, 'number'),
  obj: (o: JsonObject, f: string): JsonObject => required(o, f, 'object'),
  optObj: (o: JsonObject, f: string): JsonObject | undefined => optional(o, f, 'object'),
  /** A list of objects; an absent list is empty. */
  objects(o: JsonObject, f: string): JsonObject[] {
    return (optional<Json[]>(o, f, 'array') ?? []).map((item, i) => {
      if (!isObject(item)) throw new FieldError(`${f}[${i}]`, 'type', 'object');
      return item;
    });
  },
  /** An RFC 3339 time in milliseconds since the epoch. */
  optTime(o: JsonObject, f: string): number | undefined {
    const text = optional<string>(o, f, 'string');
    if (text === undefined) return undefined;
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) throw new FieldError(f, 'value', 'date-time');
    return ms;
  },
  /** One of a closed list of words. */
  word<T extends string>(o: JsonObject, f: string, words: readonly T[]): T {
    const value: string = required(o, f, 'string');
    if (!words.includes(value as T)) throw new FieldError(f, 'value', `one of ${words.join(', ')}`);
    return value as T;
  },
};
