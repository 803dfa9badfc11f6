/** A body that is an object whose members the station's version decides over, so that no schema of a route can. */
import { ProblemError } from '../problem.js';
import { unkeepable } from '../wire/keepable.js';

/**
 * None is the same as `{}`.
 * @throws {ProblemError} `malformed-json`, `unsupported-media-type`, `validation` where it is not an object, or holds text
 * that cannot be kept
 */
export function parsePayload(text: string, contentType: string | undefined): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  if (!/^application\/(?:[a-z.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? ''))
    throw new ProblemError('unsupported-media-type');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProblemError('malformed-json', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProblemError('validation', { errors: [{ field: '', message: 'payload must be an object' }] });
  const wrong = unkeepable(value);
  if (wrong !== undefined) throw new ProblemError('validation', { errors: [wrong] });
  return value as Record<string, unknown>;
}
