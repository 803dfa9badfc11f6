/** Every scenario, by name. */
import { commands } from './commands.js';
import { heartbeat } from './heartbeat.js';
import { hold } from './hold.js';
import { idle } from './idle.js';
import { meter } from './meter.js';
import { mixed } from './mixed.js';
import type { Scenario } from './scenario.js';
import { session } from './session.js';
import { storm } from './storm.js';

export const SCENARIOS: readonly Scenario[] = [idle, heartbeat, meter, session, storm, commands, mixed];

/** @throws {Error} that names the option and what there is */
export function scenarioOf(name: string): Scenario {
  const found = name === hold.name ? hold : SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`scenario: must be one of ${SCENARIOS.map((s) => s.name).join(', ')}`);
  return found;
}
