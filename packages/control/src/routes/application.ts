/** The empty application: how bad input becomes a problem. Routes are added to it by their rooms. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../context.js';
import { PathRouter } from '../http/router.js';
import { ProblemError } from '../problem.js';
import { ID, IdParam } from '../wire/common.js';
import { fieldErrors } from '../wire/field-errors.js';
import { unkeepable } from '../wire/keepable.js';

export type App = OpenAPIHono<AppEnv>;

/**
 * The id of a path, for handlers that go without the validator.
 * @throws {ProblemError} `invalid-parameter`, as the validator would
 */
export function readId(text: string | undefined): number {
  if (text !== undefined && ID.test(text)) {
    const id = Number(text);
    if (Number.isSafeInteger(id)) return id;
  }
  const read = IdParam.safeParse({ id: text });
  if (read.success) return read.data.id;
  throw new ProblemError('invalid-parameter', { errors: fieldErrors(read.error.issues) });
}

export function createApplication(): App {
  return new OpenAPIHono<AppEnv>({
    router: new PathRouter(),
    defaultHook: (result) => {
      const unkept = result.success ? unkeepable(result.data) : undefined;
      const errors = result.success ? (unkept === undefined ? [] : [unkept]) : fieldErrors(result.error.issues);
      if (errors.length > 0)
        throw new ProblemError(result.target === 'json' ? 'validation' : 'invalid-parameter', { errors });
    },
  });
}
