/** For tests only: real servers, a network that can fail, folders and ports. */
export { type RealServerName, type RealServers, realServers } from './binaries.js';
export { type Certificates, makeCertificates } from './certificates.js';
export { describeReal } from './describe-real.js';
export { CHARGER_FRAMES } from './frames.js';
export { createMutator, type Mutator, seeded } from './mutate.js';
export { startNats } from './nats.js';
export { type PostgresSetup, type RealPostgres, startPostgres } from './postgres.js';
export { type Direction, type Slowness, startTcpProxy, type TcpProxy } from './proxy.js';
export { startRedis } from './redis.js';
export type { RealServer } from './server.js';
export { shelved } from './shelf.js';
export { freePort, type TempDir, tempDir } from './temp.js';
