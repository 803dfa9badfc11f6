/** All listeners of an edge as one: the plain one, and those below TLS where they are asked for. */
import type { Logger, Metrics } from '@sigec/runtime';
import type { Listener, ListenerHooks } from './hooks.js';
import { listen } from './listener.js';
import type { EdgeSettings } from './settings.js';
import { listenSecure, type SecureListeners } from './tls/secure.js';

export interface Listeners extends Listener {
  readonly securePorts: SecureListeners['ports'];
  /** What of the files of TLS runs out soon or has; undefined where nothing does. */
  expiring(): string | undefined;
}

interface Deps {
  readonly settings: EdgeSettings;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Opens every port that the settings name, or none. */
export async function listenAll({ settings, logger, metrics }: Deps, hooks: ListenerHooks): Promise<Listeners> {
  const { host, port, maxFrameBytes, tls } = settings;
  const secure = tls && (await listenSecure(settings, tls, hooks, logger, metrics));
  try {
    const plain = await listen(host, port, maxFrameBytes, hooks);
    return {
      port: plain.port,
      securePorts: secure?.ports ?? {},
      expiring: () => secure?.expiring(),
      stopListening() {
        plain.stopListening();
        secure?.stopListening();
      },
      close() {
        plain.close();
        secure?.close();
      },
    };
  } catch (error) {
    secure?.close();
    throw error;
  }
}
