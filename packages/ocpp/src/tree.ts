/** What the generated validators are made of: the shape of their structure, and the checks they call. */
import { isDateTime } from './timestamp.js';

/** The keywords of JSON Schema that the OCPP schemas use. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean;
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly format?: string;
}

/** The messages of one version: definitions `<Action>Request`, `<Action>Response`, and the types they share. */
export interface MessageTree {
  readonly definitions: Readonly<Record<string, SchemaNode>>;
  readonly requests: readonly string[];
  readonly responses: readonly string[];
}

/** A compiled schema: yes or no. */
export type Validator = (data: unknown) => boolean;

/** One check for each `format` that the schemas name. */
export interface FormatChecks {
  readonly 'date-time': (text: string) => boolean;
  readonly uri: (text: string) => boolean;
}

/** A scheme, a colon, no blanks. What a station can fetch is the station's business. */
const URI = /^[a-z][a-z0-9+.-]*:\S+$/i;

export const FORMATS: FormatChecks = {
  'date-time': isDateTime,
  uri: (text) => URI.test(text),
};

/** Length in characters (code points), which is what `maxLength` counts; a surrogate pair is one. */
export function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}
