/** Text that can be kept: JSON and addresses can spell what no database takes, U+0000 and half of a character. */
import type { FieldError } from '../problem.js';

/** Said of a text that cannot. */
export const NOT_KEEPABLE = 'must be valid Unicode without U+0000';

export const isKeepable = (text: string): boolean => !text.includes('\u0000') && !/\p{Cs}/u.test(text);

/** No message of OCPP has a tenth of it; to look deeper costs whoever looks more than whoever asks. */
const DEEPEST = 100;

/** The first text of a value that cannot be kept, or the first member with such a name; undefined where all can. */
export function unkeepable(value: unknown, path: readonly string[] = []): FieldError | undefined {
  if (typeof value === 'string')
    return isKeepable(value) ? undefined : { field: path.join('.'), message: NOT_KEEPABLE };
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length >= DEEPEST) return { field: path[0] ?? '', message: `must not be nested ${DEEPEST} deep` };
  for (const [name, member] of Object.entries(value)) {
    // A name that cannot be kept can hardly be said again.
    const found = isKeepable(name)
      ? unkeepable(member, [...path, name])
      : { field: path.join('.'), message: `the name of a member ${NOT_KEEPABLE}` };
    if (found !== undefined) return found;
  }
  return undefined;
}
