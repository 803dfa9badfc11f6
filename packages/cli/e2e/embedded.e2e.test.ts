/** The product as one process on its embedded defaults, end to end. */
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { apiPageSuite } from './suites/api-page.js';
import { badInputSuite } from './suites/bad-input.js';
import { driverSuite } from './suites/driver.js';
import { handoverSuite } from './suites/handover.js';
import { metricsSuite } from './suites/health.js';
import { offlineSuite } from './suites/offline.js';
import { embeddedRestartSuite } from './suites/restart.js';
import { sessionSuite } from './suites/session.js';
import { type Embedded, startEmbedded } from './support/embedded.js';
import { tellOnFailure } from './support/failure.js';

describe('embedded', () => {
  let system: Embedded;
  beforeAll(async () => {
    system = await startEmbedded({ SIGEC_REGISTRATION: 'verified' }, true);
  });
  afterEach(tellOnFailure(() => system));
  afterAll(() => system?.close());

  describe('the page of the API', () => apiPageSuite(() => system));
  describe('session', () => sessionSuite(() => system));
  describe('driver', () => driverSuite(() => system, ['2.0.1']));
  describe('handover', () => handoverSuite(() => system));
  describe('bad input', () => badInputSuite(() => system));
  describe('offline', () => offlineSuite(() => system));
  describe('restart', () => embeddedRestartSuite(() => system));
  describe('metrics', () => metricsSuite(() => system));
});
