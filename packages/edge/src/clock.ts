/** Times of frames: ms since 1970 with microseconds as fraction, each later than the one before. */

/** Just over a microsecond, so that two stamps stay two when they are kept in microseconds. */
const STEP_MS = 0.00125;

export function createStamp(now: () => number = Date.now): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + STEP_MS, now());
    return last;
  };
}
