/** The listeners below TLS, of which each is open where it has a port, and the files that they share. */
import type { Logger, Metrics } from '@sigec/runtime';
import type { ListenerHooks } from '../hooks.js';
import type { EdgeSettings } from '../settings.js';
import { HandshakeLog } from './handshake-log.js';
import { fingerprint, type Material, readMaterial } from './material.js';
import { listenNodeTls, type NodeTlsListener } from './node-tls.js';
import type { TlsSettings } from './tls-settings.js';
import { listenUwsTls, type UwsTlsListener } from './uws-tls.js';
import { watchTls } from './watch.js';

export interface SecureListeners {
  /** Open ports by listener; 0 where another process of this machine has it. */
  readonly ports: { readonly tls?: number; readonly mtls?: number; readonly legacy?: number };
  /** What of their files runs out soon or has; undefined where nothing does. */
  expiring(): string | undefined;
  stopListening(): void;
  close(): void;
}

/** Sockets that are under way to a session, beside those that have one. */
const UNDER_WAY = 256;

/** Starts what `tls` asks for, all or nothing; its files are checked first. */
export async function listenSecure(
  edge: Pick<EdgeSettings, 'host' | 'maxFrameBytes' | 'maxSessions'>,
  tls: TlsSettings,
  hooks: ListenerHooks,
  logger: Logger,
  metrics: Metrics,
): Promise<SecureListeners> {
  const { host, maxFrameBytes } = edge;
  const mark = await fingerprint(tls);
  let material = await readMaterial(tls);
  const handshakes = new HandshakeLog(logger, metrics);
  let uws: UwsTlsListener | undefined;
  const nodes: Partial<Record<'mtls' | 'legacy', NodeTlsListener>> = {};
  const node = (kind: 'mtls' | 'legacy', port: number) =>
    listenNodeTls({
      kind,
      host,
      port,
      waits: tls.shared === true && port !== 0,
      maxFrameBytes,
      maxSockets: edge.maxSessions + UNDER_WAY,
      material,
      hooks,
      handshakeFailed: (reason, address) => handshakes.failed(kind, reason, address),
    });
  const all = () => [uws, nodes.mtls, nodes.legacy].filter((one) => one !== undefined);
  try {
    if (tls.port !== undefined) uws = await listenUwsTls({ host, port: tls.port, maxFrameBytes, files: tls, hooks });
    if (tls.mtlsPort !== undefined) nodes.mtls = await node('mtls', tls.mtlsPort);
    if (tls.legacyPort !== undefined) nodes.legacy = await node('legacy', tls.legacyPort);
  } catch (error) {
    for (const listener of all()) listener.close();
    throw error;
  }
  if (nodes.legacy !== undefined)
    logger.warn('SIGEC_OCPP_LEGACY_TLS_PORT: this port speaks TLS 1.0 and 1.1, which can be broken');

  /** The one that can fail goes first. */
  const apply = async (next: Material) => {
    if (next.cert !== material.cert || next.key !== material.key) await uws?.reload();
    for (const listener of Object.values(nodes)) listener.apply(next);
    material = next;
  };
  const ports = {
    ...(uws !== undefined && { tls: uws.port }),
    ...(nodes.mtls !== undefined && { mtls: nodes.mtls.port }),
    ...(nodes.legacy !== undefined && { legacy: nodes.legacy.port }),
  };
  const watch = watchTls({
    files: tls,
    first: material,
    mark,
    listeners: Object.keys(ports),
    apply,
    logger,
    metrics,
    ...(tls.watchMs !== undefined && { everyMs: tls.watchMs }),
  });
  return {
    ports,
    expiring: watch.expiring,
    stopListening() {
      watch.close();
      for (const listener of all()) listener.stopListening();
    },
    close() {
      watch.close();
      for (const listener of all()) listener.close();
    },
  };
}
