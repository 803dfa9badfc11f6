/** The product as a cluster of processes on real NATS, Redis and PostgreSQL, end to end. */
import { describeReal } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { badInputSuite } from './suites/bad-input.js';
import { frozenEdgeSuite, handoverSuite } from './suites/handover.js';
import { liveSuite } from './suites/live.js';
import { offlineSuite } from './suites/offline.js';
import { clusterRestartSuite } from './suites/restart.js';
import { sessionSuite } from './suites/session.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { tellOnFailure } from './support/failure.js';

describeReal('cluster', ['nats', 'redis', 'postgres'], () => {
  let system: Cluster;
  beforeAll(async () => {
    system = await startCluster({ env: { SIGEC_WEBHOOK_PRIVATE: 'on', SIGEC_LIVE_MAX_USER: '1000' } });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(() => system?.close());

  describe('session', () => sessionSuite(() => system));
  describe('handover', () => {
    handoverSuite(() => system);
    frozenEdgeSuite(() => system);
  });
  describe('bad input', () => badInputSuite(() => system));
  describe('offline', () => offlineSuite(() => system));
  describe('live updates', () => liveSuite(() => system));
  describe('restart', () => clusterRestartSuite(() => system));
});
