/** The room of hope: whether, while these faults last, any charger's message could still be answered. */
import { busyUntil, type Fault } from './faults.js';
import { chargerLinksOf, edgesOf, linkName, type World, workersOf } from './targets.js';

/** A way from a charger to a commit, with everything that must work on it. Redis is on none: no answer waits for it. */
function waysOf(world: World): string[][] {
  return chargerLinksOf(world).flatMap((charger) =>
    edgesOf(world).flatMap((edge) =>
      workersOf(world).map((worker) => [
        ...[charger, edge, linkName(edge, 'nats'), 'nats'],
        ...[linkName(worker, 'nats'), worker, linkName(worker, 'postgres'), 'postgres'],
      ]),
    ),
  );
}

/** The longest time in which no way works, ms. */
export function longestHopeless(faults: readonly Fault[], world: World): number {
  const outages = faults.filter(({ kind }) => kind !== 'slow' && kind !== 'clock');
  const times = [...new Set(outages.flatMap((fault) => [fault.atMs, busyUntil(fault)]))].sort((a, b) => a - b);
  const ways = waysOf(world);
  let longest = 0;
  let since: number | null = null;
  for (const at of times) {
    const down = new Set(outages.filter((fault) => fault.atMs <= at && at < busyUntil(fault)).map((one) => one.target));
    const hope = ways.some((way) => way.every((part) => !down.has(part)));
    if (hope && since !== null) {
      longest = Math.max(longest, at - since);
      since = null;
    } else if (!hope) since ??= at;
  }
  return longest;
}
