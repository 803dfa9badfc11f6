/** A body that is an object whose members the station's version decides over, so that no schema of a route can. */
import { ProblemError } from '../problem.js';

/**
 * None is the same as `{}`.
 * @throws {ProblemError} `malformed-json`, `validation` where it is not an object, `unsupported-media-type`
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
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ProblemError('validation', { errors: [{ field: '', message: 'payload must be an object' }] });
}
