/**
 * The room of message ids: `<run>-<station>-<counter>` in 4, 5 and 6 digits of base 36. They all have one length, so
 * that an answer is matched by comparing bytes, and no table of open calls is kept.
 */

const DIGITS = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');
const RUN = 4;
const STATION = 5;
const COUNTER = 6;

/** Bytes of an id. */
export const ID_LENGTH = RUN + 1 + STATION + 1 + COUNTER;
const COUNTER_AT = RUN + 1 + STATION + 1;
const HYPHEN = 0x2d;

function digits(target: Uint8Array, at: number, width: number, value: number): void {
  let rest = value;
  for (let k = at + width - 1; k >= at; k--) {
    target[k] = DIGITS[rest % 36]!;
    rest = Math.floor(rest / 36);
  }
}

/** Writes what never changes of a station's ids at `at`. @param run four characters of [0-9a-z] */
export function initId(target: Uint8Array, at: number, run: string, station: number): void {
  for (let k = 0; k < RUN; k++) target[at + k] = run.charCodeAt(k);
  target[at + RUN] = HYPHEN;
  digits(target, at + RUN + 1, STATION, station);
  target[at + RUN + 1 + STATION] = HYPHEN;
  setCounter(target, at, 0);
}

/** Writes the counter of the id at `at`. */
export function setCounter(target: Uint8Array, at: number, counter: number): void {
  digits(target, at + COUNTER_AT, COUNTER, counter);
}

/** The counter of an id of this run and station, or -1 where it is another's. */
export function counterOf(id: string, run: string, station: number): number {
  if (id.length !== ID_LENGTH) return -1;
  const mine = `${run}-${station.toString(36).padStart(STATION, '0')}-`;
  return id.startsWith(mine) && /^[0-9a-z]+$/.test(id.slice(COUNTER_AT))
    ? Number.parseInt(id.slice(COUNTER_AT), 36)
    : -1;
}

/** A run's four characters. */
export function newRun(): string {
  return Math.floor(Math.random() * 36 ** RUN)
    .toString(36)
    .padStart(RUN, '0');
}
