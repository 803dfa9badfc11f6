/** Rules of a tenant's alarms: its own over those that hold without it. */
import { type AlarmKind, type AlarmParameters, type AlarmRule, type AlarmSeverity, DEFAULT_RULES } from '@sigec/domain';
import type { Database } from '../../database.js';
import { alarmRule } from '../../schema.js';
import { type Actor, inTenant } from '../scope.js';

export interface EffectiveRule extends AlarmRule {
  /** Whether the tenant has said anything of it. */
  readonly own: boolean;
}

/** Every kind's rule as it holds for the tenant. */
export async function listAlarmRules(db: Database, actor: Actor): Promise<EffectiveRule[]> {
  const rows = await db.orm.select().from(alarmRule).where(inTenant(actor, alarmRule));
  const own = new Map(rows.map((row) => [row.kind, row]));
  return DEFAULT_RULES.map((rule) => {
    const row = own.get(rule.kind);
    return {
      kind: rule.kind,
      enabled: row?.enabled ?? rule.enabled,
      severity: row?.severity ?? rule.severity,
      parameters: { ...rule.parameters, ...row?.parameters },
      own: row !== undefined,
    };
  });
}

/** What a tenant wants of a kind; what it leaves out holds as it does without it. */
export interface OwnRule {
  readonly kind: AlarmKind;
  readonly enabled?: boolean;
  readonly severity?: AlarmSeverity;
  readonly parameters?: AlarmParameters;
}

/** Takes the place of all that the tenant wanted; kinds that are left out are as without it. @param rules one of a kind at most */
export async function replaceAlarmRules(db: Database, actor: Actor, rules: readonly OwnRule[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('delete from alarm_rule where tenant_id = $1::int4', [actor.tenantId]);
    if (rules.length === 0) return;
    // Two people at once: the later one's rules stand.
    await tx.query(
      `insert into alarm_rule (tenant_id, kind, enabled, severity, parameters, updated_by)
       select $1::int4, kind, enabled, severity, coalesce(parameters, '{}'), $3::text::uuid
       from json_to_recordset($2::text::json) as r(kind text, enabled boolean, severity text, parameters jsonb)
       on conflict (tenant_id, kind) do update set enabled = excluded.enabled, severity = excluded.severity,
         parameters = excluded.parameters, updated_by = excluded.updated_by, updated_at = now()`,
      [actor.tenantId, JSON.stringify(rules), actor.userId],
    );
  });
}
