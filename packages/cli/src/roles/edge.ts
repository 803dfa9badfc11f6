/** Puts an edge into a process. */
import type { Edge, EdgeSettings } from '@sigec/edge';
import type { SigecConfig } from '@sigec/runtime';
import type { Host } from '../host.js';
import { checkNative } from '../native.js';
import type { Seams } from '../seams.js';

/** Quiet time after connecting before a charger that did not boot is asked to. */
const SETTLE_MS = 10_000;
/** What an edge may need after its drain, to be heard. */
const LAST_WORDS_MS = 5_000;

/** The listeners below TLS that are configured; the configuration has seen to it that what they need is there. */
function tlsOf(config: SigecConfig): EdgeSettings['tls'] {
  const { ocppTlsCert: cert, ocppTlsKey: key } = config;
  if (cert === undefined || key === undefined) return undefined;
  return {
    port: config.ocppTlsPort,
    mtlsPort: config.ocppMtlsPort,
    legacyPort: config.ocppLegacyTlsPort,
    cert,
    key,
    clientCa: config.ocppTlsClientCa,
    clientCrl: config.ocppTlsClientCrl,
    // Started by `sigec edge --processes`: its siblings have the same ports.
    shared: process.channel !== undefined,
  };
}

export async function putEdge(host: Host, { bus, cache }: Seams, pepper: string): Promise<Edge> {
  const { config, logger, metrics, health, shutdown } = host;
  checkNative();
  // Loaded here, so that every other command works where the binary cannot.
  const { startEdge } = await import('@sigec/edge');
  // A name of this start alone, whatever the configuration says: answers to a process that is dead must not reach the one
  // that has its name, and its lease must run out, so that its stations are seen to be offline.
  const edgeId = `${config.edgeId}-${Date.now().toString(36)}`;
  const edge = await startEdge({
    bus,
    cache,
    logger,
    metrics,
    settings: {
      edgeId,
      host: config.host,
      port: config.ocppPort,
      pepper,
      partitions: config.partitions,
      maxSessions: config.maxSessions,
      maxFrameBytes: config.maxFrameBytes,
      pingSeconds: config.pingInterval,
      callTimeoutMs: config.callTimeout * 1000,
      settleMs: SETTLE_MS,
      connectRate: config.connectRate,
      connectBurst: config.connectBurst,
      drainDelayMs: config.drainDelay,
      drainPerSecond: config.drainRate,
      drainDeadlineMs: config.drainSeconds * 1000,
      tls: tlsOf(config),
    },
  });
  shutdown.onShutdown('edge', () => edge.close(), config.drainDelay + config.drainSeconds * 1000 + LAST_WORDS_MS);
  health.register('edge', () => {
    const reason = edge.unready();
    if (reason !== undefined) throw new Error(reason);
    const expiring = edge.expiring();
    return `${edge.sessions} sessions${expiring === undefined ? '' : `; TLS: ${expiring}`}`;
  });
  logger.info({ edge: edgeId, port: edge.port, ...edge.securePorts }, 'edge listens');
  return edge;
}
