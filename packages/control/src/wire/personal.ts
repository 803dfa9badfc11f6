/** What is held of a person, and how they ask to be forgotten. */
import { z } from '@hono/zod-openapi';
import type { PersonalData } from '@sigec/store';
import { EXPORT_DESCRIPTION, HELD } from '../driver/held.js';
import { GivenPassword } from './auth.js';
import { Time } from './common.js';

const Words = z.object({ pt: z.string(), en: z.string() });

export const DataExport = z
  .object({
    description: Words,
    made_at: Time,
    parts: z.record(z.string(), z.object({ description: Words, items: z.array(z.record(z.string(), z.unknown())) })),
  })
  .openapi('DataExport', { description: 'LGPD, article 18: confirmation, access, portability.' });

export const ErasureBody = z
  .strictObject({
    password: GivenPassword.optional(),
    token: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .openapi({ description: 'Of the message that `/me/erasure/ask` sends.' }),
  })
  .refine(({ password, token }) => (password === undefined) !== (token === undefined), {
    path: ['password'],
    message: 'or a token must be given, one of them',
  })
  .openapi('Erasure');

export function toDataExport(data: PersonalData, now: number): z.infer<typeof DataExport> {
  const parts = Object.entries(data).map(([table, rows]) => {
    const description = HELD[table] ?? { pt: table, en: table };
    return [table, { description: { ...description }, items: rows.map((row) => ({ ...row })) }] as const;
  });
  return {
    description: { ...EXPORT_DESCRIPTION },
    made_at: new Date(now).toISOString(),
    parts: Object.fromEntries(parts),
  };
}
