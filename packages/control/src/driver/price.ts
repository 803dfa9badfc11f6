/** What a session would cost that begins now at a connector. */
import { DEFAULT_TARIFF, type Tariff } from '@sigec/domain';
import { type ConnectorPlace, type Database, tariffAt } from '@sigec/store';

/** The tariff that holds there. */
export async function tariffOf(db: Database, { stationId, evseId }: ConnectorPlace): Promise<Tariff> {
  return (await tariffAt(db, stationId, evseId)) ?? DEFAULT_TARIFF;
}
