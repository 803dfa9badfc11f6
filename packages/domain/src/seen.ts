/** Which sequence numbers of a transaction have been taken, as short text: `0-17,19-19`. Small however long the session. */

/** Ranges kept per transaction; chargers send in order, so more than a few holes mean numbers that say nothing. */
const MAX_RANGES = 64;

type Range = [from: number, to: number];

function parse(text: string): Range[] {
  if (text === '') return [];
  return text.split(',').map((part) => {
    // From the second character on: the first may be the sign of a charger that counts from below zero.
    const dash = part.indexOf('-', 1);
    return [Number(part.slice(0, dash)), Number(part.slice(dash + 1))];
  });
}

export function hasSeen(text: string, seqNo: number): boolean {
  return parse(text).some(([from, to]) => seqNo >= from && seqNo <= to);
}

/** Adds one integer. Where holes exceed the bound the two lowest ranges are joined over their hole. */
export function markSeen(text: string, seqNo: number): string {
  // The common case by far: the next number in order extends the last range.
  const comma = text.lastIndexOf(',');
  const dash = text.indexOf('-', comma + 2);
  if (dash > 0 && Number(text.slice(dash + 1)) === seqNo - 1) return `${text.slice(0, dash + 1)}${seqNo}`;
  const ranges = parse(text);
  if (ranges.some(([from, to]) => seqNo >= from && seqNo <= to)) return text;
  ranges.push([seqNo, seqNo]);
  ranges.sort((a, b) => a[0] - b[0]);
  const joined: Range[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && range[0] <= last[1] + 1) last[1] = Math.max(last[1], range[1]);
    else joined.push([range[0], range[1]]);
  }
  while (joined.length > MAX_RANGES) {
    const [low, next] = joined as [Range, Range];
    joined.splice(0, 2, [low[0], next[1]]);
  }
  return joined.map(([from, to]) => `${from}-${to}`).join(',');
}

/** How many messages of 1.6 are remembered per transaction: a charger repeats its last one, never an older. */
const REMEMBERED = 8;

/**
 * 1.6 messages carry no sequence number, so a repeated one is known by the hash of its content.
 * @returns null where it was taken before, else the new text
 */
export function rememberMessage(text: string, hash: number): string | null {
  const key = hash.toString(36);
  const known = text === '' ? [] : text.split(',');
  if (known.includes(key)) return null;
  return [...known.slice(1 - REMEMBERED), key].join(',');
}
