/** A cluster that is taken apart: what its health pages say, and how its processes end. */
import { describeReal } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { gracefulSuite, metricsSuite, readinessSuite } from './suites/health.js';
import { Charger } from './support/charger.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { tellOnFailure } from './support/failure.js';

describeReal('health of a cluster', ['nats', 'redis', 'postgres'], () => {
  let system: Cluster;
  beforeAll(async () => {
    system = await startCluster();
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    await Charger.closeAll();
    await system?.close();
  });

  metricsSuite(() => system);
  readinessSuite(() => system);
  gracefulSuite(() => system);
});
