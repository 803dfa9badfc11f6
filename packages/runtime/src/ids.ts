/** Identifiers that sort by time (UUID version 7, RFC 9562), so that indexes grow at one end. */
import { randomFillSync } from 'node:crypto';

const POOL = Buffer.alloc(10 * 256);
let used = POOL.length;
let lastMs = 0;
let counter = 0;

/** A UUIDv7; within one process each is greater than the one before, also within a millisecond. */
export function uuidv7(now: number = Date.now()): string {
  if (used >= POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  const random = POOL.subarray(used, used + 10);
  used += 10;
  if (now > lastMs) {
    lastMs = now;
    // Starts in the lower half, so that there is room to count.
    counter = random.readUInt16BE(0) & 0x7ff;
  } else {
    // The same millisecond, or a clock that went back: count on from the last.
    counter += 1;
    if (counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const mid = (0x7000 | counter).toString(16);
  const variant = (0x8000 | (random.readUInt16BE(2) & 0x3fff)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${mid}-${variant}-${random.toString('hex', 4, 10)}`;
}
