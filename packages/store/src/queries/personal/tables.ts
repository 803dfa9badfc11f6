/**
 * Where something of a person is kept, what they are shown of it, and what is left when they ask to be forgotten (decision
 * 0034). A column that names or leads to a person and is not here fails a test.
 *
 * Statements may ask `who`: `id` of the person, `tenant`, and `keys`, by which their tokens are told apart.
 */

export interface PersonalTable {
  /** Those that name a person, or lead to one. */
  readonly columns: readonly string[];
  /** What is shown of it; absent: nothing that the person has not in another part. */
  readonly read?: string;
  /** What is done where the person is to be forgotten; absent: see `stays`. */
  readonly erase?: string;
  /** Why it is kept, or who sees to it. */
  readonly stays?: string;
}

/** What stands where a token stood. */
export const ERASED = 'erased';

const POINTER = 'leads to an account, in which there is nothing personal any more';
const BY_JOB = 'gone through afterwards, by the job that follows every erasure';

/** Messages that name the cards of many. */
const OF_MANY = "array['SendLocalList', 'GetTariffs']";

/** In this order: what is found by the account goes before the account does. */
export const PERSONAL: Readonly<Record<string, PersonalTable>> = {
  account_token: {
    columns: ['user_id', 'email'],
    read: 'select t.purpose, t.email, t.expires_at from account_token t join who on t.user_id = who.id',
    erase: 'delete from account_token t using who where t.user_id = who.id',
  },
  notification: {
    columns: ['user_id', 'recipient'],
    read: `select n.kind, n.channel, n.recipient, n.sent_at, n.created_at
      from notification n join who on n.user_id = who.id order by n.id`,
    erase: 'delete from notification n using who where n.user_id = who.id',
  },
  external_identity: {
    columns: ['user_id', 'subject'],
    read: 'select e.issuer, e.subject, e.created_at from external_identity e join who on e.user_id = who.id',
    erase: 'delete from external_identity e using who where e.user_id = who.id',
  },
  api_key: {
    columns: ['user_id'],
    read: `select k.name, k.hint, k.scopes, k.expires_at, k.last_used_at, k.revoked_at, k.created_at
      from api_key k join who on k.user_id = who.id order by k.id`,
    erase: 'delete from api_key k using who where k.user_id = who.id',
  },
  station_grant: {
    columns: ['user_id'],
    read: `select g.permission_set, g.site_id, g.group_id, g.created_at from station_grant g
      join who on g.user_id = who.id order by g.id`,
    erase: 'delete from station_grant g using who where g.user_id = who.id',
  },
  recovery_code: {
    columns: ['user_id'],
    erase: 'delete from recovery_code c using who where c.user_id = who.id',
  },
  second_factor: {
    columns: ['user_id'],
    read: 'select f.confirmed_at, f.created_at from second_factor f join who on f.user_id = who.id',
    erase: 'delete from second_factor f using who where f.user_id = who.id',
  },
  idempotency_key: {
    columns: ['user_id'],
    read: 'select i.key, i.status, i.created_at from idempotency_key i join who on i.user_id = who.id',
    erase: 'delete from idempotency_key i using who where i.user_id = who.id',
  },
  audit_entry: {
    columns: ['actor_id', 'user_id'],
    // What somebody changed of others is theirs.
    read: `select a.action, a.user_id = who.id as about_me, a.actor_id = who.id as by_me,
        case when a.user_id is null or a.user_id = who.id then a.detail end as detail, a.at
      from audit_entry a join who on a.tenant_id = who.tenant and who.id in (a.user_id, a.actor_id) order by a.id`,
    erase: `update audit_entry a set detail = '{}' from who where a.user_id = who.id and a.detail <> '{}'`,
    stays: POINTER,
  },
  id_token: {
    columns: ['value', 'value_key', 'user_id', 'blocked_by'],
    read: `select t.value, t.type, t.name, t.status, t.group_id, t.expires_at, t.max_concurrent, t.limits, t.created_at
      from id_token t join who on t.user_id = who.id order by t.id`,
    // The trigger notes what local lists have to forget.
    erase: 'delete from id_token t using who where t.user_id = who.id',
  },
  id_token_removed: {
    columns: ['value', 'value_key'],
    read: `select r.value from id_token_removed r join who on r.tenant_id = who.tenant and r.value_key = any(who.keys)`,
    stays: BY_JOB,
  },
  transaction_detail: {
    columns: ['stop_token'],
    // Somebody else's card may have stopped it.
    read: `select x.* from transaction_detail d join transaction t on t.id = d.transaction_id
      join who on t.user_id = who.id
      cross join lateral jsonb_populate_record(d, jsonb_build_object('stop_token',
        case when lower(d.stop_token) = any(who.keys) then d.stop_token end)) x order by x.transaction_id`,
    erase: `update transaction_detail d set stop_token = '${ERASED}' from transaction t, who
      where t.id = d.transaction_id and t.tenant_id = who.tenant and lower(d.stop_token) = any(who.keys)`,
  },
  meter_value: {
    columns: [],
    read: `select m.transaction_id, m.sampled_at, m.samples from meter_value m join transaction t on t.id = m.transaction_id
      join who on t.user_id = who.id order by m.transaction_id, m.sampled_at`,
    stays: 'belongs to the session, which is nobody in particular any more; goes with its retention',
  },
  reservation: {
    columns: ['id_token', 'group_id', 'made_by'],
    read: `select r.id, r.station_id, r.evse_id, r.id_token, r.expires_at, r.status, r.created_at from reservation r
      join who on r.tenant_id = who.tenant and lower(r.id_token) = any(who.keys) order by r.id`,
    erase: `update reservation r set id_token = '${ERASED}', group_id = null from who
      where r.tenant_id = who.tenant and lower(r.id_token) = any(who.keys)`,
    stays: POINTER,
  },
  battery_swap: {
    columns: ['id_token'],
    read: `select b.id, b.station_id, b.id_token, b.status, b.created_at from battery_swap b
      join who on b.tenant_id = who.tenant and lower(b.id_token) = any(who.keys) order by b.id`,
    erase: `update battery_swap b set id_token = '${ERASED}' from who
      where b.tenant_id = who.tenant and lower(b.id_token) = any(who.keys)`,
  },
  authorization_refusal: {
    columns: ['id_token'],
    read: `select a.station_id, a.at, a.id_token, a.verdict from authorization_refusal a
      join who on a.tenant_id = who.tenant and lower(a.id_token) = any(who.keys) order by a.id`,
    erase: `delete from authorization_refusal a using who
      where a.tenant_id = who.tenant and lower(a.id_token) = any(who.keys)`,
  },
  charger_tariff: {
    columns: ['id_tokens'],
    read: `select c.station_id, c.tariff_id, c.kind, c.content from charger_tariff c
      join who on c.tenant_id = who.tenant and exists (select 1 from unnest(c.id_tokens) x where lower(x) = any(who.keys))`,
    erase: `update charger_tariff c set id_tokens = array(select x from unnest(c.id_tokens) x where lower(x) <> all(who.keys))
      from who where c.tenant_id = who.tenant
        and exists (select 1 from unnest(c.id_tokens) x where lower(x) = any(who.keys))`,
  },
  customer_information: {
    columns: ['subject'],
    read: `select r.created_at, r.payload, (select jsonb_agg(p.items order by p.seq_no) from station_request_part p
        where p.request = r.id) as told
      from customer_information c join station_request r on r.id = c.request
      join who on c.tenant_id = who.tenant and lower(r.payload #>> '{idToken,idToken}') = any(who.keys)`,
    // With the request goes what was told.
    erase: `delete from station_request r using who where r.tenant_id = who.tenant and r.action = 'CustomerInformation'
      and lower(r.payload #>> '{idToken,idToken}') = any(who.keys)`,
  },
  message_exchange: {
    columns: ['payload', 'answer'],
    // A list of cards has others' in it: that it was sent is told, and not what it says.
    read: `select distinct m.station_id, m.at, m.direction, m.action,
        case when m.action <> all(${OF_MANY}) then m.payload end as payload,
        case when m.action <> all(${OF_MANY}) then m.answer end as answer from message_exchange m
      join transaction t on t.station_id = m.station_id and m.at between t.started_at - interval '10 minutes'
        and coalesce(t.ended_at, now()) + interval '10 minutes'
      join who on t.user_id = who.id
      where exists (select 1 from unnest(who.keys) k where position(to_json(k)::text in lower(m.payload)) > 0)
      order by m.at`,
    stays: BY_JOB,
  },
  data_transfer: { columns: ['data'], stays: BY_JOB },
  command: { columns: ['payload', 'response', 'created_by'], stays: `${BY_JOB}; ${POINTER}` },
  command_batch: { columns: ['payload', 'created_by'], stays: `${BY_JOB}; ${POINTER}` },
  station_request: { columns: ['payload'], stays: BY_JOB },
  tariff_version: { columns: ['made_by'], stays: POINTER },
  webhook: { columns: ['created_by'], stays: POINTER },
  alarm_entry: { columns: ['user_id'], stays: POINTER },
  alarm_rule: { columns: ['updated_by'], stays: POINTER },
  settlement: {
    columns: ['vat_number', 'vat_company'],
    read: `select s.* from settlement s join transaction t on t.id = s.transaction_id join who on t.user_id = who.id
      order by s.id`,
    stays: 'fiscal record',
  },
  receipt: {
    columns: ['user_id', 'content'],
    read: 'select r.number, r.issued_at, r.content from receipt r join who on r.user_id = who.id order by r.id',
    stays: 'fiscal record',
  },
  transaction: {
    columns: ['id_token', 'user_id', 'start_key'],
    read: `select t.id, t.station_id, t.evse_id, t.connector_id, t.id_token, t.status, t.started_at, t.ended_at,
        t.stop_reason, t.energy_mwh, t.cost_minor, t.currency, t.tariff, t.flags
      from transaction t join who on t.user_id = who.id order by t.id`,
    // The natural key of a 1.6 start is spelled with the token.
    erase: `update transaction t set start_key = null, id_token = case when id_token is null then null else '${ERASED}' end
      from who where t.user_id = who.id`,
    stays: `fiscal record; ${POINTER}`,
  },
  erasure: { columns: ['user_id', 'asked_by', 'token_keys'], stays: `that it was done; the keys go with ${BY_JOB}` },
  app_user: {
    columns: ['id', 'name', 'email', 'tax_id'],
    read: `select u.id, u.name, u.email, u.email_verified_at, u.role, u.status, u.tax_id, u.last_login_at, u.created_at,
        u.updated_at from app_user u join who on u.id = who.id`,
    erase: `update app_user u set name = '${ERASED}', email = '${ERASED}-' || u.id || '@invalid', password_hash = null,
        tax_id = null, email_verified_at = null, last_login_at = null, status = 'inactive',
        session_epoch = u.session_epoch + 1, erased_at = now(), updated_at = now()
      from who where u.id = who.id`,
  },
};

/** In front of each statement. $1 the person, $2 the tenant, $3 the keys as a JSON list. */
export const WHO = `with who as (select $1::uuid as id, $2::int4 as tenant,
  array(select json_array_elements_text($3::text::json)) as keys) `;

/** The tokens that are theirs, and those that they charged with and nobody else has. Where a card changed hands, it is the other's. */
export const KEYS_OF = `
  select coalesce(json_agg(key), '[]')::text as keys from (
    select value_key as key from id_token where user_id = $1::uuid and tenant_id = $2::int4
    union
    select lower(t.id_token) from transaction t where t.user_id = $1::uuid and t.tenant_id = $2::int4
      and t.id_token is not null and t.id_token <> '${ERASED}' and not exists (
        select 1 from id_token o where o.tenant_id = t.tenant_id and o.value_key = lower(t.id_token)
          and o.user_id is distinct from t.user_id)
  ) k`;
