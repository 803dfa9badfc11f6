/** `sigec up`: every role in one process, on the embedded defaults or on whatever is configured. */
import { ensureAdministrator } from '@sigec/control';
import { type Actor, type Database, ensureIdToken } from '@sigec/store';
import { banner } from '../banner.js';
import { type Host, type Overrides, runHost } from '../host.js';
import { say } from '../out.js';
import { openBusAndCache, openDatabase } from '../seams.js';
import { ownSecrets } from '../secrets.js';
import { putControl } from './control.js';
import { putEdge } from './edge.js';
import { putWorker } from './worker.js';

/** A card that may charge, so that the first charger can; only where unknown stations are taken as well. */
const DEMO_TOKEN = 'SIGEC-DEMO';

/** Who acts before anybody could log in: nobody in person, in the tenant that the migrations make. */
const OWNER: Actor = { userId: '00000000-0000-0000-0000-000000000000', tenantId: 1, role: 'admin' };

export function up(overrides: Overrides): Promise<void> {
  return runHost('up', overrides, async (host) => {
    const { config, logger } = host;
    const own = await ownSecrets(config.dataDir);
    const pepper = config.pepper ?? own.pepper;
    const jwtSecret = config.jwtSecret ?? own.jwtSecret;
    const db = await openDatabase(host);
    await db.migrate();
    const seams = await openBusAndCache(host);
    const first = await firstSteps(host, db);
    // The way a frame goes, last to first: a charger that connects finds all of it.
    await putWorker(host, seams, db);
    const control = await putControl(host, seams, db, { jwtSecret, pepper });
    const edge = await putEdge(host, seams, pepper);
    logger.info('ready');
    say(
      banner({
        host: config.host,
        httpPort: control.port,
        ocppPort: edge.port,
        database: db.kind === 'pglite' ? `PGlite (${config.dataDir})` : 'PostgreSQL',
        bus: config.natsUrl === undefined ? 'barramento interno · in-process bus' : 'NATS',
        cache: config.redisUrl === undefined ? 'cache interno · in-process cache' : 'Redis',
        ...first,
        acceptsUnknown: config.unknownStations === 'accept',
      }),
    );
  });
}

async function firstSteps({ config }: Host, db: Database) {
  const adminEmail = config.adminEmail ?? 'admin@sigec.local';
  const made = await ensureAdministrator(db, { email: adminEmail, password: config.adminPassword });
  const demoToken = config.unknownStations === 'accept' ? DEMO_TOKEN : undefined;
  if (demoToken !== undefined) await ensureIdToken(db, OWNER, { value: demoToken });
  return { adminEmail, adminPassword: made.password, demoToken };
}
