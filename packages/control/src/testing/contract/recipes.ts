/** What has to have happened before some statuses are seen. */

import type { Station, withStations } from './stage.js';
import type { Asking } from './suite.js';

export interface Kitchen extends Asking {
  readonly stations: readonly Station[];
  readonly withStations: typeof withStations;
}

export const RECIPES: Readonly<Record<string, (kitchen: Kitchen) => Promise<void>>> = {};
