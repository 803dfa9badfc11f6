/** Fleets in and out as comma-separated values: what may be asked, and what is told of a file. */
import { z } from '@hono/zod-openapi';
import { IdText } from './common.js';
import { Credentials } from './device.js';

const flag = (otherwise: boolean, description: string) =>
  z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .openapi({ type: 'boolean', default: otherwise, description });

export const ImportQuery = z.strictObject({
  dry_run: flag(false, 'Check the file and say what is wrong with it; nothing is written.'),
  all_or_nothing: flag(true, 'Register none where a line is wrong. With false the good lines are registered.'),
});

const BadLine = z.object({
  line: z.int().openapi({ description: 'From 1; the head is the first. A row of several lines is known by its last.' }),
  field: z.string().openapi({ description: 'The column; empty: the line as a whole.' }),
  message: z.string(),
});

export const ImportReport = z
  .object({
    dry_run: z.boolean(),
    registered: z.int().openapi({ description: 'With `dry_run`: how many would be.' }),
    bad_lines: z.array(BadLine),
    devices: z.array(
      z.object({
        line: z.int(),
        id: IdText,
        identity: z.string(),
        credentials: Credentials.nullable().openapi({
          description: 'Of those whose password was made here. Shown this once.',
        }),
      }),
    ),
  })
  .openapi('DeviceImport');
