/** The empty application: how bad input becomes a problem. Routes are added to it by their rooms. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../context.js';
import { ProblemError } from '../problem.js';

export type App = OpenAPIHono<AppEnv>;

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Most fields named in one answer. */
const MAX_ERRORS = 50;

export function createApplication(): App {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issues: readonly Issue[] = result.error.issues;
      const errors = issues
        .slice(0, MAX_ERRORS)
        .map(({ path, message }) => ({ field: path.map(String).join('.'), message }));
      throw new ProblemError(result.target === 'json' ? 'validation' : 'invalid-parameter', { errors });
    },
  });
}
