/** An edge that is killed and started again under its configured name is another edge: its lost stations are offline. */
import { describeReal } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Charger } from './support/charger.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { tellOnFailure } from './support/failure.js';
import { endpoint, register } from './support/system.js';
import { eventually } from './support/wait.js';

describeReal('an edge with a fixed name', ['nats', 'redis', 'postgres'], () => {
  let system: Cluster;
  beforeAll(async () => {
    system = await startCluster({ edges: 1, workers: 1, env: { SIGEC_EDGE_ID: 'edge-of-this-test' } });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    await Charger.closeAll();
    await system?.close();
  });

  it('does not keep the stations of its dead predecessor online, and serves those that return', async () => {
    const [lost, back] = [await register(system), await register(system)];
    const gone = await Charger.connect(endpoint(system), lost.credentials, '2.0.1');
    const returning = await Charger.connect(endpoint(system), back.credentials, '2.0.1', { reconnect: true });
    await gone.settle();
    await returning.settle();
    await system.edges[0]?.kill9();
    await gone.close();
    await system.mend();
    // The lease of the dead process has to run out first (15 s), and two looks have to miss it (10 s).
    await eventually(async () => expect(await returning.heartbeat()).toHaveProperty('currentTime'));
    await eventually(async () => expect((await system.rest.device(lost.id)).online).toBe(false));
    expect((await system.rest.device(back.id)).online).toBe(true);
    await returning.close();
  });
});
