/** The room of what has to be so for a run to pass. */
import { CHECKS, type Check, type CheckResult } from './result.js';

export class Checklist {
  readonly results: CheckResult[] = [];

  add(check: Check, passed: boolean, detail: string): void {
    this.results.push({ check, passed, detail });
  }

  /** Every check was made, and none failed. */
  get passed(): boolean {
    return this.results.every(({ passed }) => passed) && CHECKS.every((c) => this.results.some((r) => r.check === c));
  }
}
