/** What the API says of a request that failed, as an error of its own. */
import type { components } from './gen/api.js';

/** RFC 9457, as every route answers it. */
export type Problem = components['schemas']['Problem'];

/** Thrown by {@link SigecClient.ask} for every answer that is no success. */
export class SigecProblem extends Error {
  override readonly name = 'SigecProblem';

  /** @param problem the document; `code` is for programs, `title` for people */
  constructor(readonly problem: Problem) {
    super(`${problem.status} ${problem.code}: ${problem.detail ?? problem.title}`);
  }

  /** Whether the same request may succeed later. */
  get temporary(): boolean {
    return this.problem.temporary;
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'temporary' in body;

/** An answer without a problem's document is somebody's on the way, such as a proxy. */
export function toProblem(body: unknown, { status, url }: Response): Problem {
  if (isProblem(body)) return body;
  const instance = new URL(url).pathname;
  const temporary = status === 429 || status >= 500;
  return { type: 'about:blank', title: 'no answer of the API', status, instance, code: 'internal', temporary };
}
