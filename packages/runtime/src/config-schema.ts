/** Builds the zod schema of each row of the table. Messages never hold the value: it may be a secret. */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { ConfigRow } from './config-row.js';

const number = (row: ConfigRow, pattern: RegExp, what: string, min: number, max: number): z.ZodType =>
  z
    .string()
    .regex(pattern, `must be ${what}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .describe(row.doc);

/** NATS takes a list of servers; every other URL is one. */
function isUrl(text: string, schemes: readonly string[]): boolean {
  return text.split(',').every((part) => {
    if (!URL.canParse(part.trim())) return false;
    return schemes.includes(new URL(part.trim()).protocol.slice(0, -1));
  });
}

/** A scheme, a host, a port where it is not the usual one: what browsers send as Origin, and nothing behind it. */
const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;

/** An address, or a block of them in CIDR. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

const listOf = (fits: (text: string) => boolean, what: string): z.ZodType =>
  z
    .string()
    .max(4096, 'must be at most 4096 characters')
    .refine((text) => text.split(',').every((part) => fits(part.trim())), `must be ${what}, separated by commas`);

const SWITCH: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  '1': true,
  off: false,
  false: false,
  '0': false,
};

/** The schema of one name; it takes the text of the environment or of the file. */
export function schemaOf(row: ConfigRow): z.ZodType {
  switch (row.kind) {
    case 'port':
      return number(row, /^\d{1,5}$/, 'a port from 0 to 65535', 0, 65_535);
    case 'int':
      return number(row, /^-?\d{1,15}$/, 'a whole number', row.min ?? 0, row.max ?? Number.MAX_SAFE_INTEGER);
    case 'ratio':
      return number(row, /^\d(\.\d{1,9})?$/, 'a number from 0 to 1', row.min ?? 0, row.max ?? 1);
    case 'switch':
      return z
        .string()
        .refine((text) => text.toLowerCase() in SWITCH, 'must be on or off')
        .transform((text) => SWITCH[text.toLowerCase()] ?? false);
    case 'choice':
      return z.enum(
        [...(row.values ?? [])] as [string, ...string[]],
        `must be one of ${(row.values ?? []).join(', ')}`,
      );
    case 'url': {
      const schemes = row.schemes ?? [];
      return z
        .string()
        .refine((text) => isUrl(text, schemes), `must be a URL that begins with ${schemes.join(':// or ')}://`);
    }
    case 'origins':
      return listOf(isOrigin, 'origins such as https://app.example.com');
    case 'networks':
      return listOf(isNetwork, 'addresses or blocks such as 10.0.0.0/8');
    case 'email':
      return z.string().regex(/^[^\s@]{1,64}@[^\s@]{1,190}$/, 'must be a mail address');
    case 'token':
      return z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -');
    case 'path':
      return z.string().max(4096, 'must be at most 4096 characters');
    case 'string':
      return z
        .string()
        .min(row.minLength ?? 1, `must be at least ${row.minLength ?? 1} characters`)
        .max(4096, 'must be at most 4096 characters');
  }
}
