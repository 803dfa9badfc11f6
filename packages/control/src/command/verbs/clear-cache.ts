/** Forgets the tokens that the station has seen. 1.6 section 5.4; 2.x C11. */
import { z } from '@hono/zod-openapi';
import { defineVerb } from './verb.js';

export const clearCache = defineVerb({
  name: 'clear-cache',
  summary: "Empty a device's cache of tokens",
  becomes: 'ClearCache.',
  body: z.strictObject({}),
  plan: () => ({ action: 'ClearCache', payload: {} }),
});
