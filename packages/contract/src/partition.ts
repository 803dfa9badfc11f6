/** Which uplink partition a station belongs to: the same that the NATS server's `partition()` mapping computes. */

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a, 32 bits, of an ASCII string (station tokens are ASCII). */
export function fnv1a32(text: string): number {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, PRIME);
  }
  return hash >>> 0;
}

/** Partition 0 to `count` - 1 of a station token. */
export function partitionOf(token: string, count: number): number {
  return fnv1a32(token) % count;
}
