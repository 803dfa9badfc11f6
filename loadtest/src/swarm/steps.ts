/** The room of a station's next round through its scenario. */
import type { Op } from '../scenarios/scenario.js';
import type { Engine } from './engine.js';
import type { Station } from './station.js';

/** Begins another round; its first step, or nothing where the scenario keeps silent. */
export function nextLoop({ scenario, plan, random }: Engine, st: Station): Op | undefined {
  if (scenario.silentUnlessPaced === true && plan.pacing.kind === 'natural') return undefined;
  const { loop } = scenario;
  if (typeof loop === 'function') {
    st.ops = loop({ ...plan.scenarioOptions, random, number: st.number, round: st.round++ });
  } else st.ops = loop;
  st.pc = 0;
  return st.ops[0];
}
