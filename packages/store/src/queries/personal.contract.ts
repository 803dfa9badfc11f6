/** Nothing of a person is forgotten to be shown or to be forgotten (decision 0034), on either database. */
import { uuidv7 } from '@sigec/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { OTHER_TENANT, station, T } from '../harness.contract.js';
import * as q from './index.js';

/** Columns that speak of tokens and are no person's: what kind they are of, how often they changed; and what only sounds so. */
const NOBODYS = ['id_token_type', 'tokens_version', 'token_hash', 'sealed_by', 'email_verified_at'];

export function personalContract(get: () => Database): void {
  describe('what is held of a person', () => {
    let db: Database;
    let stationId: number;
    let count = 0;
    beforeAll(async () => {
      db = get();
      stationId = await station(db);
    });
    const person = async (role: q.UserRole = 'user', tenantId = 1) => {
      const name = `Personal${++count}`;
      const email = `${name}@example.test`.toLowerCase();
      const made = await q.createUser(db, { tenantId, name, email, passwordHash: 'hash', role });
      const actor: q.Actor = { userId: made?.id ?? '', tenantId, role };
      return { actor, name, email, n: count, card: `PCARD.${count}+x` };
    };
    const due = () => db.query("update erasure set due_at = now() - interval '1 s' where done_at is null");

    it('is known by every column that names or leads to one', async () => {
      const columns = await db.query<{ name: string }>(
        `select c.table_name || '.' || c.column_name as name
         from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
           and (c.data_type = 'uuid' or c.column_name ~ 'user|token|e_?mail|recipient|actor|person|_by$|vat_|tax_id|cpf|cnpj')
           and not exists (select 1 from pg_inherits i where i.inhrelid = c.table_name::regclass)`,
      );
      const said = Object.entries(q.PERSONAL).flatMap(([table, { columns: its }]) =>
        its.map((one) => `${table}.${one}`),
      );
      const unsaid = columns.map(({ name }) => name).filter((name) => !said.includes(name));
      expect(unsaid.filter((name) => !NOBODYS.includes(name.split('.')[1] ?? ''))).toEqual([]);
      const all = await db.query<{ name: string }>(
        `select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'`,
      );
      const there = new Set(all.map(({ name }) => name));
      expect(said.filter((name) => !there.has(name))).toEqual([]);
      for (const [table, { erase, stays }] of Object.entries(q.PERSONAL)) expect(erase ?? stays, table).toBeDefined();
    });

    /** Puts a person into every table that can hold one. */
    async function everywhere(who: Awaited<ReturnType<typeof person>>): Promise<number> {
      const { actor, email, card, n } = who;
      const user = actor.userId;
      await q.createIdToken(db, actor, { value: card, type: 'ISO14443', userId: user, name: 'Meu' });
      const run = (sql: string, params: (string | number)[]) => db.query<{ id: number }>(sql, params);
      const place = [stationId, user];
      await run(
        `insert into account_token (tenant_id, user_id, purpose, token_hash, email, expires_at)
         values (1, $1::uuid, 'verify', decode(md5($2::text), 'hex'), $2::text, now() + interval '1 hour')`,
        [user, email],
      );
      const box = "decode('00', 'hex')";
      await run(
        `insert into notification (tenant_id, user_id, kind, recipient, content_box) values (1, $1::uuid, 'k', $2::text, ${box})`,
        [user, email],
      );
      await run(
        `insert into external_identity (tenant_id, user_id, issuer, subject) values (1, $1::uuid, 'iss', $2::text)`,
        [user, email],
      );
      await run(
        `insert into api_key (tenant_id, user_id, name, hint, key_hash, scopes)
         values (1, $1::uuid, 'k', 'sk_', decode(md5($2::text), 'hex'), '{}')`,
        [user, email],
      );
      await run(
        `with place as (insert into station_group (tenant_id, name) values (1, 'personal ' || $2::int4) returning id)
         insert into station_grant (tenant_id, user_id, group_id, permission_set)
         select 1, $1::uuid, id, 'viewer' from place`,
        [user, n],
      );
      await run(`insert into second_factor (user_id, tenant_id, secret_box) values ($1::uuid, 1, ${box})`, [user]);
      await run(`insert into recovery_code (user_id, code_hash) values ($1::uuid, ${box})`, [user]);
      await run(
        `insert into idempotency_key (tenant_id, user_id, key, fingerprint) values (1, $1::uuid, 'key', ${box})`,
        [user],
      );
      await run(
        `insert into audit_entry (tenant_id, actor_id, action, user_id, detail)
         values (1, $1::uuid, 'user.changed', $1::uuid, '{"name":["was","is"]}')`,
        [user],
      );
      const [made] = await run(
        `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, start_key, id_token,
           user_id, status, started_at, ended_at, currency, register, tariff, cost_minor, energy_mwh)
         values (1, $1::int8, 1, 1, 'ocpp1.6', $2::text, 'start|1|' || $3::text, $3::text, $2::uuid, 'completed',
           now() - interval '1 hour', now(), 'BRL', '{}', '{"currency":"BRL","perKwhMinor":75}', 75, 1000000) returning id`,
        [...place, card],
      );
      const id = made?.id ?? 0;
      await run(`insert into transaction_detail (transaction_id, stop_token) values ($1::int8, $2::text)`, [id, card]);
      await run(
        `insert into reservation (tenant_id, station_id, reservation_id, id_token, expires_at, status, made_by)
         values (1, $1::int8, $4::int4, $3::text, now(), 'expired', $2::uuid)`,
        [...place, card, n],
      );
      await run(
        `insert into battery_swap (tenant_id, station_id, request_id, source, status, id_token, id_token_type)
         values (1, $1::int8, $3::int8, 'station', 'in', $2::text, 'Central')`,
        [stationId, card, n],
      );
      await run(
        `insert into authorization_refusal (tenant_id, station_id, at, id_token, verdict)
         values (1, $1::int8, now(), lower($2::text), 'Blocked')`,
        [stationId, card],
      );
      await run(
        `insert into charger_tariff (tenant_id, station_id, evse_id, tariff_id, kind, id_tokens)
         values (1, $1::int8, 0, 'T' || $3::text, 'driver', array[$2::text, 'SOMEBODY'])`,
        [stationId, card, String(n)],
      );
      await run(
        `insert into settlement (tenant_id, station_id, psp_ref, transaction_id, status, amount_minor, currency, rounded,
           settled_at, vat_number) values (1, $1::int8, $2::text, $3::int8, 'Settled', 75, 'BRL', false, now(), '52998224725')`,
        [stationId, `psp-${n}`, id],
      );
      const text = JSON.stringify({ idToken: { idToken: card, type: 'ISO14443' } });
      const [request] = await run(
        `insert into station_request (tenant_id, station_id, action, request_id, status, payload)
         values (1, $1::int8, 'CustomerInformation', $3::int4, 'complete', $2::text::jsonb) returning id`,
        [stationId, text, 1_000_000 + n],
      );
      await run(
        `insert into customer_information (request, tenant_id, station_id, report, clear, subject)
         values ($2::int8, 1, $1::int8, true, false, 'id_token')`,
        [stationId, request?.id ?? 0],
      );
      await run(
        `insert into station_request (tenant_id, station_id, action, request_id, status, payload)
         values (1, $1::int8, 'SendLocalList', $3::int4, 'complete', $2::text::jsonb)`,
        [stationId, text, 2_000_000 + n],
      );
      await run(
        `insert into command (tenant_id, station_id, created_by, action, payload, state, timeout_ms, due_at, expires_at)
         values (1, $1::int8, $2::uuid, 'RequestStartTransaction', $3::text::jsonb, 'succeeded', 1, now(), now())`,
        [...place, text],
      );
      await run(
        `insert into command_batch (tenant_id, created_by, action, payload, filter, state, interval_ms, expires_in_s,
           max_attempts, retry_delay_s, retry_unknown)
         values (1, $1::uuid, 'RequestStartTransaction', $2::text::jsonb, '{}', 'ended', 1, 1, 1, 1, false)`,
        [user, text],
      );
      await run(
        `insert into data_transfer (tenant_id, station_id, direction, at, vendor_id, data, data_bytes, digest, status)
         values (1, $1::int8, 'in', now(), 'v', $2::text::json, 1, $3::text, 'Accepted')`,
        [stationId, JSON.stringify(JSON.stringify({ tag: card })), `digest-${n}`],
      );
      await run(
        `insert into message_exchange (station_id, at, direction, type, message_id, action, payload, answer_type, answered_at, answer)
         values ($1::int8, now(), 'in', 'call', 'm', 'Authorize', $2::text, 'result', now(), '{}')`,
        [stationId, text.replace(card.slice(0, 4), card.slice(0, 4).toLowerCase())],
      );
      await q.putReceipt(db, actor, { transactionId: id, userId: user, content: { customer: { name: who.name } } });
      return id;
    }

    /** Where a text stands, in any table. */
    async function found(text: string): Promise<string[]> {
      const tables = await db.query<{ name: string }>(
        `select c.relname::text as name from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
      );
      const hits: string[] = [];
      for (const { name } of tables) {
        const rows = await db.query(
          `select 1 from ${name} x where position(lower($1::text) in lower(replace(to_jsonb(x)::text, '\\', ''))) > 0 limit 1`,
          [text],
        );
        if (rows.length > 0) hits.push(name);
      }
      return hits;
    }

    it('is shown, whole, to that person', async () => {
      const who = await person();
      await everywhere(who);
      const data = await q.exportPerson(db, who.actor);
      // The fixture leaves out meters, and what is removed is removed by being forgotten.
      for (const table of Object.keys(data).filter((name) => !['meter_value', 'id_token_removed'].includes(name)))
        expect(data[table]?.length, table).toBeGreaterThan(0);
      expect(data.app_user?.[0]).toMatchObject({ email: who.email, name: who.name });
      expect(JSON.stringify(data)).not.toContain('hash');
      const stranger = await person();
      expect(JSON.stringify(await q.exportPerson(db, stranger.actor))).not.toContain(who.card);
    });

    it('is shown without what is of others', async () => {
      const [who, other] = [await person(), await person()];
      const id = await everywhere(who);
      await db.query('update transaction_detail set stop_token = $2::text where transaction_id = $1::int8', [
        id,
        other.card,
      ]);
      const list = JSON.stringify({ localAuthorizationList: [who, other].map(({ card }) => ({ idTag: card })) });
      const second = `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, user_id,
          status, started_at, ended_at, currency, register, tariff)
        values (1, $1::int8, 1, 1, 'ocpp1.6', $2::text, $3::uuid, 'completed', now(), now(), 'BRL', '{}', '{}')`;
      await db.query(second, [stationId, `second-${count}`, who.actor.userId]);
      await db.query(
        `insert into message_exchange (station_id, at, direction, type, message_id, action, payload, answer_type, answered_at, answer)
         values ($1::int8, now(), 'out', 'call', 'l', 'SendLocalList', $2::text, 'result', now(), '{}')`,
        [stationId, list],
      );
      await db.query(
        `insert into audit_entry (tenant_id, actor_id, action, user_id, detail)
         values (1, $1::uuid, 'user.changed', $2::uuid, json_build_object('email', json_build_array($3::text, 'x')))`,
        [who.actor.userId, other.actor.userId, other.email],
      );
      const data = await q.exportPerson(db, who.actor);
      expect(JSON.stringify(data)).not.toContain(other.card);
      expect(JSON.stringify(data)).not.toContain(other.email);
      expect(data.transaction_detail).toMatchObject([{ transaction_id: id, stop_token: null }]);
      // Once each, also where two sessions were near; that a list was sent is told.
      expect(data.message_exchange?.map(({ action, payload }) => [action, payload === null]).sort()).toEqual([
        ['Authorize', false],
        ['SendLocalList', true],
      ]);
      expect(data.audit_entry?.map(({ detail }) => detail === null)).toEqual([false, true]);
      await db.query("delete from message_exchange where message_id = 'l'");
      await db.query('update transaction_detail set stop_token = null where transaction_id = $1::int8', [id]);
    });

    it('is forgotten but for the fiscal record, and the logs follow', async () => {
      const [who, other] = [await person(), await person()];
      const id = await everywhere(who);
      await everywhere(other);
      const before = await found(other.card);
      const [paid] = await db.query(
        'select cost_minor, energy_mwh, started_at, ended_at from transaction where id = $1::int8',
        [id],
      );
      expect(await q.erasePerson(db, who.actor, who.actor.userId)).toBe('erased');
      expect(await q.erasePerson(db, who.actor, who.actor.userId)).toBeUndefined();
      const logs = [
        'command',
        'command_batch',
        'data_transfer',
        'id_token_removed',
        'message_exchange',
        'station_request',
      ];
      expect(await found(who.card)).toEqual(['erasure', ...logs].sort());
      expect(await found(who.email)).toEqual([]);
      expect(await found(who.name)).toEqual(['receipt']);
      expect(await q.findUserByEmail(db, who.email)).toBeUndefined();
      expect(await q.findUserById(db, who.actor.userId)).toMatchObject({
        ...{ status: 'inactive', sessionEpoch: 1, passwordHash: null, secondFactor: false },
      });

      await due();
      while (await q.continueErasure(db));
      expect(await found(who.card)).toEqual([]);
      const [transfer] = await db.query<{ data: string }>(
        `select data::text as data from data_transfer where digest = $1::text`,
        [`digest-${who.n}`],
      );
      expect(transfer?.data).toContain('erased');
      const [tariff] = await db.query('select id_tokens from charger_tariff where tariff_id = $1::text', [`T${who.n}`]);
      expect(tariff).toEqual({ id_tokens: ['SOMEBODY'] });
      expect((await q.getReceipt(db, { ...who.actor, role: 'operator' }, id))?.content).toEqual({
        customer: { name: who.name },
      });
      expect(
        await db.query('select cost_minor, energy_mwh, started_at, ended_at from transaction where id = $1::int8', [
          id,
        ]),
      ).toEqual([paid]);
      const [log] = await db.query(
        'select done_at is not null as done, token_keys from erasure where user_id = $1::uuid',
        [who.actor.userId],
      );
      expect(log).toEqual({ done: true, token_keys: null });
      // Nobody else lost anything.
      expect(await found(other.card)).toEqual(before);
    });

    it('remembers a removed card for as long as a station may have it in its list, and a week at most', async () => {
      const who = await person();
      await q.createIdToken(db, who.actor, { value: who.card, userId: who.actor.userId });
      const keeper = await station(db);
      await db.query(
        `insert into station_local_list (station_id, tenant_id, enabled, tokens_version)
         select $1::int8, 1, true, version from token_list where tenant_id = 1`,
        [keeper],
      );
      await q.erasePerson(db, who.actor, who.actor.userId);
      const removed = () => db.query('select 1 from id_token_removed where value = $1::text', [who.card]);
      await due();
      while (await q.continueErasure(db));
      expect(await removed()).toHaveLength(1);
      await db.query("update erasure set asked_at = now() - interval '8 days' where user_id = $1::uuid", [
        who.actor.userId,
      ]);
      await due();
      while (await q.continueErasure(db));
      expect(await removed()).toHaveLength(0);
      const [list] = await db.query('select tokens_version from station_local_list where station_id = $1::int8', [
        keeper,
      ]);
      expect(list).toEqual({ tokens_version: -1 });
      await db.query('delete from station_local_list where station_id = $1::int8', [keeper]);
    });

    it('is not forgotten while a session runs, nor where nobody would be left, nor by who has nothing to do with them', async () => {
      const who = await person();
      await db.query(
        `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status, user_id,
           started_at, currency, register, tariff)
         values (1, $1::int8, 1, 1, 'ocpp1.6', $2::text, 'charging', $3::uuid, to_timestamp($4::int8 / 1000), 'BRL', '{}', '{}')`,
        [stationId, `runs-${count}`, who.actor.userId, T],
      );
      expect(await q.erasePerson(db, who.actor, who.actor.userId)).toBe('charging');
      await db.query('update transaction set ended_at = now() where user_id = $1::uuid', [who.actor.userId]);
      const operator = await person('operator');
      const stranger: q.Actor = { userId: uuidv7(), tenantId: OTHER_TENANT, role: 'admin' };
      expect(await q.erasePerson(db, stranger, who.actor.userId)).toBeUndefined();
      expect(await q.erasePerson(db, operator.actor, who.actor.userId)).toBe('erased');
      const another = await person('operator');
      expect(await q.erasePerson(db, operator.actor, another.actor.userId)).toBeUndefined();
      await db.query(`insert into tenant (id, name) values (7734, 'of one') on conflict do nothing`);
      const admin = await person('admin', 7734);
      expect(await q.erasePerson(db, admin.actor, admin.actor.userId)).toBe('last-administrator');
    });
  });
}
