/** Rules of alarms on the wire. */
import { z } from '@hono/zod-openapi';
import { ALARM_KIND_NAMES, ALARM_KINDS, wrongParameter } from '@sigec/domain';
import type { EffectiveRule } from '@sigec/store';
import { AlarmKindName, Severity } from './alarm.js';

const Parameters = z
  .record(z.string(), z.union([z.number(), z.array(z.string())]))
  .openapi({ example: { minutes: 15, clear_minutes: 5 } });

export const AlarmRule = z
  .object({
    kind: AlarmKindName,
    title_pt: z.string(),
    title_en: z.string(),
    enabled: z.boolean(),
    severity: Severity,
    parameters: Parameters,
    own: z.boolean().openapi({ description: 'Whether it was set here; else it is what holds without a word.' }),
  })
  .openapi('AlarmRule');

export const AlarmRules = z.object({ items: z.array(AlarmRule) }).openapi('AlarmRules');

const AlarmRuleInput = z
  .strictObject({
    kind: AlarmKindName,
    enabled: z.boolean().optional(),
    severity: Severity.optional(),
    parameters: Parameters.optional(),
  })
  .superRefine(({ kind, parameters = {} }, context) => {
    for (const [name, value] of Object.entries(parameters)) {
      const message = wrongParameter(kind, name, value);
      if (message !== null) context.addIssue({ code: 'custom', path: ['parameters', name], message });
    }
  })
  .openapi('AlarmRuleInput');

export const AlarmRulesBody = z
  .strictObject({ items: z.array(AlarmRuleInput).max(ALARM_KIND_NAMES.length) })
  .superRefine(({ items }, context) => {
    for (const [at, { kind }] of items.entries())
      if (items.findIndex((item) => item.kind === kind) < at)
        context.addIssue({ code: 'custom', path: ['items', at, 'kind'], message: 'is named before' });
  })
  .openapi('AlarmRulesInput', { description: 'All that differs; kinds and parameters left out hold as they are.' });

export const toAlarmRule = ({
  kind,
  enabled,
  severity,
  parameters,
  own,
}: EffectiveRule): z.infer<typeof AlarmRule> => ({
  kind,
  title_pt: ALARM_KINDS[kind].title.pt,
  title_en: ALARM_KINDS[kind].title.en,
  enabled,
  severity,
  parameters: Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeof value === 'number' ? value : [...value]]),
  ),
  own,
});
