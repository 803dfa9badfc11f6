import { describeReal } from '@sigec/testkit';
import { expect, it } from 'vitest';
import { runOverload } from './overload.js';

describeReal('an overload', ['nats', 'redis', 'postgres'], () => {
  it('lets in what it admits and sends the others away; who is in session is served', {
    timeout: 240_000,
  }, async () => {
    const result = await runOverload({ stations: 10, rate: 20, crowd: 200, admit: 10, durationMs: 5_000, seed: 3 });
    expect(result.parts.map(({ name, faults }) => [name, faults])).toEqual([
      ['before', 0],
      ['crowd', 0],
      ['after', 0],
    ]);
    // What is admitted while the crowd is there, and what was at once; never the crowd. A busy machine only keeps it longer.
    const seconds = (result.admitted + result.refused) / result.dialsPerSecond;
    expect(result.admitted).toBeGreaterThan(5);
    expect(result.admitted).toBeLessThanOrEqual(10 + 10 * (seconds + 2));
    expect(result.refused).toBeGreaterThan(result.admitted);
    expect(result.passed).toBe(true);
  });
});
