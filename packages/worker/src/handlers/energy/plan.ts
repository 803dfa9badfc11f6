/** Small readings that several actions of this block share. */

/** A time that is planned, which may lie anywhere; null where there is none, or nobody can read it. */
export function planTime(text: string | undefined): number | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
