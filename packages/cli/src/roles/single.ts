/** The roles of a cluster, one to a process, which loads what its own role needs: the rest would double the time to start. */
import { type Overrides, runHost } from '../host.js';
import { say } from '../out.js';
import { openBusAndCache, openDatabase } from '../seams.js';

/** What the configuration promises for a role, held against it. */
function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name}: is required`);
  return value;
}

export const edge = (overrides: Overrides) =>
  runHost('edge', overrides, async (host) => {
    const { putEdge } = await import('./edge.js');
    const seams = await openBusAndCache(host);
    await putEdge(host, seams, needed(host.config.pepper, 'SIGEC_PEPPER'));
  });

export const worker = (overrides: Overrides) =>
  runHost('worker', overrides, async (host) => {
    const { putWorker } = await import('./worker.js');
    const db = await openDatabase(host);
    const seams = await openBusAndCache(host);
    await putWorker(host, seams, db);
  });

export const control = (overrides: Overrides) =>
  runHost('control', overrides, async (host) => {
    const [{ ensureAdministrator }, { putControl }] = await Promise.all([
      import('@sigec/control'),
      import('./control.js'),
    ]);
    const { config } = host;
    const db = await openDatabase(host);
    const seams = await openBusAndCache(host);
    if (config.adminEmail !== undefined && config.adminPassword !== undefined)
      await ensureAdministrator(db, { email: config.adminEmail, password: config.adminPassword });
    await putControl(host, seams, db, {
      jwtSecret: needed(config.jwtSecret, 'JWT_SECRET'),
      pepper: needed(config.pepper, 'SIGEC_PEPPER'),
    });
  });

export const migrate = (overrides: Overrides) =>
  runHost('migrate', overrides, async (host) => {
    const { config, shutdown } = host;
    const db = await openDatabase(host);
    await db.migrate();
    if (config.adminEmail !== undefined) {
      const { ensureAdministrator } = await import('@sigec/control');
      const made = await ensureAdministrator(db, { email: config.adminEmail, password: config.adminPassword });
      if (made.password !== undefined) say(`admin ${config.adminEmail}  senha · password: ${made.password}`);
    }
    say('esquema em dia · schema is up to date');
    void shutdown.run('done');
  });

export const tenant = (overrides: Overrides, name: string, email: string) =>
  runHost('migrate', overrides, async (host) => {
    const { openTenant } = await import('@sigec/control');
    const { tenantId, password } = await openTenant(await openDatabase(host), { name, email });
    say(`tenant ${tenantId}  ${name.trim()}\nadmin ${email}  senha · password: ${password}`);
    void host.shutdown.run('done');
  });
