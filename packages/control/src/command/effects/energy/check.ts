/** What the specification forbids beyond its schemas, refused before a command leaves. */
import { type FieldError, ProblemError } from '../../../problem.js';

/** Gathers what is wrong, so that all of it is told at once. */
export class Faults {
  readonly #errors: FieldError[] = [];

  add(field: string, message: string): this {
    this.#errors.push({ field, message });
    return this;
  }

  /** @throws {ProblemError} `validation` */
  throwAny(): void {
    if (this.#errors.length > 0) throw new ProblemError('validation', { errors: this.#errors });
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** ms since 1970; null where there is none, or nobody can read it. */
export function timeOf(text: string | undefined): number | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** A time that was given and is none. */
export function checkTime(faults: Faults, field: string, text: string | undefined): number | null {
  const ms = timeOf(text);
  if (text !== undefined && ms === null) faults.add(field, 'must be an RFC 3339 time with zone');
  return ms;
}
