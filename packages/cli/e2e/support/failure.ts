/** Where a test fails, what the processes said is part of the failure. */
import type { TestContext } from 'vitest';
import type { System } from './system.js';

/** For afterEach. */
export function tellOnFailure(get: () => System | undefined): (context: TestContext) => void {
  return ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const said = get()?.words() ?? '';
    process.stderr.write(`\n### ${task.name}\n${said}\n`);
  };
}
