/** What the OpenAPI document promises, asked of servers by a client of their port, by the table of good calls. */
import { contractSuite } from './testing/contract/suite.js';
import { ROWS } from './testing/routes/rows.js';
import { RouteWorld } from './testing/routes/world.js';

contractSuite(ROWS, () => RouteWorld.begin());
