/** Tests that need real servers: skipped loudly where they are not installed, failed where that may not be (CI). */
import { describe, it } from 'vitest';
import { type RealServerName, realServers } from './binaries.js';

/** `describe`, for tests that need real servers. */
export function describeReal(name: string, needs: readonly RealServerName[], fn: () => void): void {
  const missing = needs.filter((need) => !realServers()[need]);
  if (missing.length === 0) {
    describe(name, fn);
    return;
  }
  const reason = `needs ${missing.join(', ')}, which this machine does not have`;
  if (process.env.CI === 'true') {
    describe(name, () => {
      it(reason, () => {
        throw new Error(`${name} ${reason}; in CI nothing is skipped`);
      });
    });
    return;
  }
  process.stderr.write(`!!! SKIPPED: ${name} ${reason}\n`);
  describe.skip(name, fn);
}
