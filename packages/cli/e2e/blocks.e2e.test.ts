/** Every block of OCPP, end to end: real sockets, NATS, Redis and PostgreSQL. */
import { describeReal } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { authorisationSuite } from './suites/authorisation.js';
import { catalogueSuite } from './suites/catalogue.js';
import { chargingSuite } from './suites/charging.js';
import { commandsSuite } from './suites/commands.js';
import { deviceModelSuite } from './suites/device-model.js';
import { driverSuite } from './suites/driver.js';
import { energySuite } from './suites/energy.js';
import { firmwareSuite } from './suites/firmware.js';
import { securitySuite } from './suites/security.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { tellOnFailure } from './support/failure.js';

describeReal('blocks', ['nats', 'redis', 'postgres'], () => {
  let system: Cluster;
  beforeAll(async () => {
    system = await startCluster({ edges: 1, workers: 1, env: { SIGEC_REGISTRATION: 'verified' } });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(() => system?.close());

  describe('catalogue', () => catalogueSuite(() => system));
  describe('device-model', () => deviceModelSuite(() => system));
  describe('security', () => securitySuite(() => system));
  describe('charging', () => chargingSuite(() => system));
  describe('firmware', () => firmwareSuite(() => system));
  describe('energy', () => energySuite(() => system));
  describe('authorisation', () => authorisationSuite(() => system));
  describe('driver', () => driverSuite(() => system));
  describe('commands', () => commandsSuite(() => system));
});
