/** What a schema found wrong with what came in, field by field. */
import type { z } from 'zod';
import type { FieldError } from '../problem.js';

/** Most fields named in one answer. */
const MAX_ERRORS = 50;
/** Longest name of somebody else's making that is said again. */
const MAX_NAME = 60;

/** Members that no schema has are named like those that are wrong: a slip of the pen must not be passed over. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues
    .flatMap((issue): FieldError[] => {
      const path = issue.path.map(String);
      if (issue.code !== 'unrecognized_keys') return [{ field: path.join('.'), message: issue.message }];
      return issue.keys.map((key) => ({ field: [...path, key.slice(0, MAX_NAME)].join('.'), message: 'is not known' }));
    })
    .slice(0, MAX_ERRORS);
}
