/** All at once, and all again after a cut. */
import type { Scenario } from './scenario.js';

export const storm: Scenario = {
  name: 'storm',
  summary: {
    en: 'all connect and boot at once; then all sockets are cut, and all come back (--rounds)',
    pt: 'todas conectam e inicializam de uma vez; depois todos os sockets são cortados, e todas voltam (--rounds)',
  },
  pacing: 'natural',
  setup: [],
  loop: [],
  driver: 'storm',
};
