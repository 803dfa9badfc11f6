/** A process of the swarm. It ends with the channel to its parent. */

import { serve } from './handle.js';
import type { ToSwarm } from './plan.js';

const send = process.send?.bind(process);
if (send === undefined) throw new Error('this file is run by the harness');

const served = serve((message) => {
  // Whatever fails here fails because the parent is gone, and this process goes with it.
  if (process.connected) send(message, undefined, undefined, () => {});
});
// Ctrl-C reaches the whole group; the parent ends the run in order.
process.on('SIGINT', () => {});
process.on('message', (message) => served.take(message as ToSwarm));
process.once('disconnect', () => {
  served.abort();
  process.exit();
});
