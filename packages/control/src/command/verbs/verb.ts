/** What a verb is: one wish in one body, whatever version the station speaks. */

import { z } from '@hono/zod-openapi';
import type { OcppVersion } from '@sigec/ocpp';
import type { Actor, StationView } from '@sigec/store';
import type { Services } from '../../context.js';
import { type FieldError, ProblemError } from '../../problem.js';
import { fieldErrors } from '../../wire/field-errors.js';
import type { Payload } from '../effect.js';
import { type Verdict, verdictOf } from '../verdict.js';

export interface Planned {
  readonly action: string;
  readonly payload: Payload;
}

/** The part of a station that a plan may depend on. */
export type Target = Pick<StationView, 'id' | 'identity'>;

export interface VerbContext {
  readonly services: Services;
  readonly actor: Actor;
  readonly station: StationView;
}

/** What a message of the plan was answered with. */
export interface Answered extends Planned {
  readonly response: Payload;
}

export interface VerbAnswer extends Verdict {
  /** For each item of the body, where it has several. */
  readonly items?: readonly Payload[];
}

interface Definition<B, F> {
  /** As in the path. */
  readonly name: string;
  readonly summary: string;
  /** The messages it becomes, by version. */
  readonly becomes: string;
  readonly body: z.ZodType<B>;
  /** What the plan needs of the database. Given the body's word that the database knows, or throws. */
  readonly lookup?: (context: VerbContext, body: B) => Promise<F>;
  /**
   * Pure. Several messages are sent in order.
   * @throws {ProblemError} `not-supported-by-version`, `validation`
   */
  readonly plan: (version: OcppVersion, station: Target, body: B, found: F) => Planned | readonly Planned[];
  /** Default: {@link verdictOf} of the answers, the first no counting. */
  readonly answer?: (answers: readonly Answered[], body: B) => VerbAnswer;
}

/** A verb whose body was not looked at yet. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly becomes: string;
  readonly body: z.ZodType;
  /** @throws {ProblemError} `validation`, naming the field */
  check(body: unknown): void;
  plan(version: OcppVersion, station: Target, body: unknown, found?: unknown): readonly Planned[];
  /** The plan with what it needs of the database. */
  prepare(context: VerbContext, version: OcppVersion, body: unknown): Promise<readonly Planned[]>;
  answer(answers: readonly Answered[], body: unknown): VerbAnswer;
}

function parse<B>(schema: z.ZodType<B>, body: unknown): B {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new ProblemError('validation', { errors: fieldErrors(read.error.issues) });
}

function firstNo(answers: readonly Answered[]): Verdict {
  const verdicts = answers.map(({ response }) => verdictOf(response));
  return verdicts.find(({ accepted }) => !accepted) ?? verdicts[0] ?? { accepted: true, status: 'Accepted' };
}

export function defineVerb<B, F = undefined>(verb: Definition<B, F>): Verb {
  const { name, summary, becomes } = verb;
  const list = (planned: Planned | readonly Planned[]): readonly Planned[] =>
    Array.isArray(planned) ? planned : [planned as Planned];
  return {
    ...{ name, summary, becomes, body: verb.body },
    check: (body) => void parse(verb.body, body),
    plan: (version, station, body, found) => list(verb.plan(version, station, parse(verb.body, body), found as F)),
    async prepare(context, version, body) {
      const read = parse(verb.body, body);
      const found = (await verb.lookup?.(context, read)) as F;
      return list(verb.plan(version, context.station, read, found));
    },
    answer: (answers, body) => verb.answer?.(answers, parse(verb.body, body)) ?? firstNo(answers),
  };
}

/** The station's version has no message for it, or none for a field of the body. */
export function unsupported(version: OcppVersion, field?: string): ProblemError {
  const extra = { ocpp_version: version };
  if (field === undefined) return new ProblemError('not-supported-by-version', { extra });
  const errors: FieldError[] = [{ field, message: `${version} has no place for it` }];
  return new ProblemError('not-supported-by-version', { errors, extra });
}

/** A body that its version wants more of, or other. */
export function wanted(field: string, message: string): ProblemError {
  return new ProblemError('validation', { errors: [{ field, message }] });
}

/** The members that are there. */
export function given(members: Payload): Payload {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

export const rfc3339 = (time: Date | undefined): string | undefined => time?.toISOString();

export const EvseId = z.int().min(1).max(2_147_483_647);
export const Count = z.int().min(0).max(2_147_483_647);
