/**
 * Frames of chargers, broken by chance: bytes flipped, texts cut and spliced, keys doubled, values of other types. The same
 * seed gives the same frames, so what a frame breaks can be broken again.
 */

/** A source of chance that can be repeated (mulberry32); numbers from 0 to below 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Mutator {
  /** The next frame: mostly broken in one to three ways, sometimes whole. */
  next(): Buffer;
}

/** What stands where something else was meant. */
const ODD_VALUES: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '-0.0000000000000000001',
  '9007199254740993',
  '99999999999999999999999999999999',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"𝕊é\\u202e"',
  '"__proto__"',
  '"0001-01-01T00:00:00Z"',
  '"9999-99-99T99:99:99+99:99"',
  `"${'A'.repeat(5_000)}"`,
  '[]',
  '{}',
  '[[[[[[[[]]]]]]]]',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
];
const ODD_KEYS: readonly string[] = ['__proto__', 'constructor', 'toString', 'length', '', 'customData', '\\u0000'];

const VALUE = /"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?|\btrue\b|\bfalse\b|\bnull\b/g;
const MEMBER = /"(?:[^"\\]|\\.)*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)/g;
/** No mutation makes a frame longer than this, characters. */
const LONGEST = 64 * 1024;

/**
 * @param frames valid ones to begin with; at least one
 * @param whole share of frames that are left as they are
 */
export function createMutator(frames: readonly string[], seed: number, whole = 0.05): Mutator {
  if (frames.length === 0) throw new Error('frames: at least one is needed');
  const random = seeded(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const aMatch = (text: string, pattern: RegExp) => {
    const matches = [...text.matchAll(pattern)];
    return matches.length === 0 ? undefined : pick(matches);
  };
  const replaceOne = (text: string, pattern: RegExp, by: (found: string) => string): string => {
    const match = aMatch(text, pattern);
    if (match === undefined) return text;
    return text.slice(0, match.index) + by(match[0]) + text.slice(match.index + match[0].length);
  };

  type Way = (text: string) => string;
  /** What is JSON still, mostly, and reaches whoever reads the payload. */
  const bent: readonly Way[] = [
    // The type of a value.
    (text) => replaceOne(text, VALUE, () => pick(ODD_VALUES)),
    // A key twice, with the same value and with another.
    (text) => replaceOne(text, MEMBER, (member) => `${member},${member}`),
    (text) =>
      replaceOne(text, MEMBER, (member) => `${member},${member.slice(0, member.indexOf(':'))}:${pick(ODD_VALUES)}`),
    // A key that is another.
    (text) => replaceOne(text, MEMBER, (member) => `"${pick(ODD_KEYS)}":${member.slice(member.indexOf(':') + 1)}`),
    // Deeper, evenly.
    (text) =>
      replaceOne(text, VALUE, (value) => {
        const depth = 1 + below(500);
        return '['.repeat(depth) + value + ']'.repeat(depth);
      }),
  ];
  /** What ends at the frame, mostly. */
  const broken: readonly Way[] = [
    // A member without its key.
    (text) => replaceOne(text, MEMBER, (member) => member.slice(member.indexOf(':') + 1)),
    // Cut off.
    (text) => text.slice(0, below(text.length)),
    // The head of one, the tail of another.
    (text) => {
      const other = pick(frames);
      return text.slice(0, below(text.length)) + other.slice(below(other.length));
    },
    // A piece taken out, or repeated.
    (text) => {
      const from = below(text.length);
      return text.slice(0, from) + text.slice(from + below(20));
    },
    (text) => {
      const from = below(text.length);
      const piece = text.slice(from, from + 1 + below(40));
      return text.slice(0, from) + piece.repeat(1 + below(30)) + text.slice(from);
    },
    // A sign of JSON where none belongs.
    (text) => {
      const at = below(text.length);
      return text.slice(0, at) + pick([...'[]{},:"\\ \t\n-.eE0']) + text.slice(at + below(2));
    },
  ];

  const flip = (bytes: Buffer): Buffer => {
    for (let n = 1 + below(4); n > 0 && bytes.length > 0; n--) {
      const at = below(bytes.length);
      bytes[at] = random() < 0.5 ? (bytes[at] as number) ^ (1 << below(8)) : below(256);
    }
    return bytes;
  };

  return {
    next() {
      let text = pick(frames);
      if (random() < whole) return Buffer.from(text);
      for (let n = 1 + below(3); n > 0; n--) text = pick(random() < 0.7 ? bent : broken)(text).slice(0, LONGEST);
      const bytes = Buffer.from(text);
      return random() < 0.05 ? flip(bytes) : bytes;
    },
  };
}
