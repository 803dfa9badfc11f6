/** Alarms on the wire: texts in both languages, Portuguese first, as the same answer goes to people and to programs. */
import { z } from '@hono/zod-openapi';
import { ALARM_KIND_NAMES, ALARM_KINDS, EVENT_SEVERITIES, explainError, type Words } from '@sigec/domain';
import type { AlarmEntryRow, AlarmRow } from '@sigec/store';
import { IdField, IdText, iso, listOf, PageQuery, Time, TimeInput } from './common.js';

export const AlarmKindName = z.enum(ALARM_KIND_NAMES).openapi('AlarmKind', {
  description:
    'offline; faulted: a connector or the device told a fault; no_progress: the meter speaks and its energy does not rise; ' +
    'flapping: it connects too often; certificate_expiry; meter_gap: no meter values while charging; monitor_alert and ' +
    'security_event: told by the device.',
});
export const Severity = z.enum(['critical', 'warning', 'info']).openapi('AlarmSeverity');
const State = z.enum(['open', 'acknowledged', 'snoozed', 'resolved']).openapi('AlarmState');

const AlarmError = z
  .object({
    code: z.string().nullable().openapi({ description: "OCPP's own code.", example: 'GroundFailure' }),
    vendor_code: z.string().nullable().openapi({ description: "The maker's, as it came.", example: 'CX002' }),
    text_pt: z.string().nullable().openapi({ description: 'null where nobody knows what the codes mean.' }),
    text_en: z.string().nullable(),
  })
  .openapi('AlarmError');

export const Alarm = z
  .object({
    id: IdText,
    device_id: IdText,
    identity: z.string().openapi({ description: "The charger's OCPP identity.", example: 'CP-0001' }),
    kind: AlarmKindName,
    title_pt: z.string().openapi({ example: 'Carregador desconectado' }),
    title_en: z.string().openapi({ example: 'Charger offline' }),
    severity: Severity,
    state: State,
    evse_id: z.int().nullable(),
    connector_id: z.int().nullable(),
    transaction_id: IdText.nullable(),
    count: z.int().openapi({ description: 'How often it came.' }),
    first_seen_at: Time,
    last_seen_at: Time,
    raised_at: Time.openapi({
      description: 'When it was told last: as it came, with another cause, or after a snooze.',
    }),
    cause_gone_at: Time.nullable().openapi({
      description: 'Since when its cause is gone; it is over when that lasts.',
    }),
    snoozed_until: Time.nullable(),
    resolved_at: Time.nullable(),
    error: AlarmError.nullable().openapi({ description: 'The codes that the device told, in plain words.' }),
    detail: z.record(z.string(), z.unknown()).openapi({ description: 'What is known of the cause, by kind.' }),
  })
  .openapi('Alarm');

const AlarmEntry = z
  .object({
    action: z.enum(['raised', 'acknowledged', 'snoozed', 'resolved']),
    at: Time,
    user_id: z.string().nullable().openapi({ description: 'Who did it; null: it came by itself.' }),
    comment: z.string().nullable(),
    until: Time.nullable().openapi({ description: 'Of a snooze.' }),
  })
  .openapi('AlarmEntry');

export const AlarmDetail = Alarm.extend({
  history: z.array(AlarmEntry).openapi({ description: 'Oldest first; the newest 500.' }),
}).openapi('AlarmDetail');

export const AlarmList = listOf('AlarmList', Alarm);

/** One or more, with commas. */
const States = z
  .string()
  .max(60)
  .transform((value) => value.split(','))
  .pipe(z.array(State).min(1))
  .optional()
  .openapi({ type: 'string', example: 'open,acknowledged', description: 'One or more, with commas. Default: all.' });

export const AlarmQuery = PageQuery.extend({
  state: States,
  kind: AlarmKindName.optional(),
  severity: Severity.optional(),
  device_id: IdField.optional(),
  since: TimeInput.optional().openapi({ description: 'Raised then or later.' }),
});

const Comment = z.string().trim().min(1).max(500).optional();

export const AlarmOrderBody = z.strictObject({ comment: Comment }).openapi('AlarmOrder');

/** A year; who wants an alarm away for longer switches its rule off. */
const LONGEST_SNOOZE_MS = 366 * 86_400_000;
const isWithinAYear = (ms: number): boolean => ms > 0 && ms <= LONGEST_SNOOZE_MS;

export const AlarmSnoozeBody = z
  .strictObject({
    until: TimeInput.optional(),
    minutes: z
      .int()
      .min(1)
      .max(LONGEST_SNOOZE_MS / 60_000)
      .optional(),
    comment: Comment,
  })
  .refine(({ until, minutes }) => (until === undefined) !== (minutes === undefined), {
    path: ['until'],
    message: 'either until or minutes',
  })
  .refine(({ until }) => until === undefined || isWithinAYear(until.getTime() - Date.now()), {
    path: ['until'],
    message: 'must be in the future, and within a year',
  })
  .openapi('AlarmSnooze');

/** When a snoozed alarm comes back. */
export const snoozeEnd = ({ until, minutes = 0 }: z.infer<typeof AlarmSnoozeBody>): Date =>
  until ?? new Date(Date.now() + minutes * 60_000);

const word = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What the device told of itself, where the kind has such a thing. */
function toError({ kind, detail }: AlarmRow): z.infer<typeof AlarmError> | null {
  const code = word(detail.error_code);
  const vendorCode = word(detail.vendor_error_code) ?? word(detail.tech_code);
  let said: Words | null = explainError(code, vendorCode);
  // How grave is all that a monitor says where it names no code that is known.
  if (kind === 'monitor_alert' && said === null && typeof detail.severity === 'number')
    said = EVENT_SEVERITIES[detail.severity] ?? null;
  if (code === null && vendorCode === null && said === null) return null;
  return { code, vendor_code: vendorCode, text_pt: said?.pt ?? null, text_en: said?.en ?? null };
}

export const toAlarm = (row: AlarmRow): z.infer<typeof Alarm> => ({
  id: String(row.id),
  device_id: String(row.stationId),
  identity: row.identity,
  kind: row.kind,
  title_pt: ALARM_KINDS[row.kind].title.pt,
  title_en: ALARM_KINDS[row.kind].title.en,
  severity: row.severity,
  state: row.state,
  evse_id: row.evseId,
  connector_id: row.connectorId,
  transaction_id: row.transactionId === null ? null : String(row.transactionId),
  count: row.count,
  first_seen_at: iso(row.firstSeen),
  last_seen_at: iso(row.lastSeen),
  raised_at: iso(row.raisedAt),
  cause_gone_at: iso(row.causeGoneAt),
  snoozed_until: iso(row.snoozedUntil),
  resolved_at: iso(row.resolvedAt),
  error: toError(row),
  detail: { ...row.detail },
});

const toEntry = (row: AlarmEntryRow): z.infer<typeof AlarmEntry> => ({
  action: row.action,
  at: iso(row.at),
  user_id: row.userId,
  comment: row.comment,
  until: iso(row.until),
});

export const toAlarmDetail = (row: AlarmRow, history: readonly AlarmEntryRow[]): z.infer<typeof AlarmDetail> => ({
  ...toAlarm(row),
  history: history.map(toEntry),
});
