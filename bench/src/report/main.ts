/** `pnpm bench:report`: makes docs/performance.md from what was measured so far. */
import { say } from '../out.js';
import { writeReport } from './write.js';

for (const path of writeReport()) say(path);
