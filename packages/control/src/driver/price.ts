/** What a session would cost that begins now at a connector. */
import { DEFAULT_TARIFF, type Tariff } from '@sigec/domain';
import type { ConnectorPlace } from '@sigec/store';

/** The tariff that holds there. */
export function tariffOf(_place: ConnectorPlace): Tariff {
  return DEFAULT_TARIFF;
}
