/** What the rows of `rows.ts` name in their paths, made at a station of the first tenant. */
import { createRequest, createReservation, type UserRole } from '@sigec/store';
import { firmwareSeeds } from '../firmware-seeds.js';
import { type Harness, type Json, PASSWORD } from '../harness.js';

const API = '/api/v1';
let made = 0;

/** Each makes one thing at the station, and gives what the path then says. */
export type Seeds = Readonly<Record<string, (station: number) => Promise<string>>>;

export function seedsOf(h: Harness): Seeds {
  async function group(name: string): Promise<string> {
    return String((await h.call('POST', `${API}/groups`, { as: 'operator', body: { name } })).json.id);
  }

  /** Of the person, at a place of its own. */
  async function grantAt(place: string): Promise<string> {
    const body = { user_id: (await personOf()).id, group_id: place, set: 'viewer' };
    return String((await h.call('POST', `${API}/grants`, { as: 'admin', body })).json.id);
  }

  async function personOf(): Promise<Json> {
    const { json } = await h.call('GET', `${API}/users?q=person@example.test`, { as: 'admin' });
    return (json.items as Json[])[0] ?? {};
  }

  async function tokenOf(role: UserRole): Promise<string> {
    const answer = await h.call('POST', `${API}/me/id-tokens`, { as: role, body: { value: `OWN${++made}` } });
    return String(answer.json.id);
  }

  async function charging(station: string, userId: string): Promise<string> {
    const [row] = await h.db.query<{ id: number }>(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status, user_id,
       started_at, currency, register, tariff)
     values (1, $1::int8, 9, 1, 'ocpp1.6', $2::text, 'charging', $3::uuid, now(), 'BRL', '{}',
       '{"currency":"BRL","perKwhMinor":75}') returning id`,
      [Number(station), `rules-${++made}`, userId],
    );
    return String(row?.id);
  }

  /** A webhook that has a delivery. */
  let pinged = '';

  async function makeWebhook(): Promise<string> {
    const body = { url: 'https://hooks.example.test/x', topics: ['stations'] };
    return String((await h.call('POST', `${API}/webhooks`, { as: 'operator', body })).json.id);
  }

  return {
    ...firmwareSeeds(() => h),
    site: async (station) => {
      const made = await h.call('POST', `${API}/sites`, { as: 'operator', body: { name: 'RULED' } });
      await h.call('PATCH', `${API}/devices/${station}`, { as: 'operator', body: { site_id: made.json.id } });
      await h.db.query(
        `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       values ($1::int8, 1, 1, 'Available', 'Available', now()) on conflict do nothing`,
        [station],
      );
      return String(made.json.id);
    },
    group: async (station) => {
      const made = await h.call('POST', `${API}/groups`, { as: 'operator', body: { name: 'RULED' } });
      const body = { device_ids: [String(station)] };
      await h.call('POST', `${API}/groups/${made.json.id}/devices`, { as: 'operator', body });
      return String(made.json.id);
    },
    group_gone: () => group('GONE'),
    group_gone_of_operator: () => group('GONE FIRST'),
    group_gone_admin: () => group('GONE SECOND'),
    stranded: () => h.station('STRANDED'),
    station_gone: async () => {
      const id = await h.station('GONE');
      await h.db.query(
        `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, ended_at, currency, register, tariff)
       values (1, $1::int8, 1, 1, 'ocpp1.6', '778', 'stopped', now(), now(), 'BRL', '{}',
         '{"currency":"BRL","perKwhMinor":75}')`,
        [Number(id)],
      );
      return id;
    },
    token: async () => {
      const token = await h.call('POST', `${API}/id-tokens`, { as: 'operator', body: { value: 'CARD' } });
      // A driver starts with a card of their own.
      const wanted = [h.userIds.user, Number(token.json.id)];
      await h.db.query('update id_token set user_id = $1::uuid where id = $2::int8', wanted);
      return String(token.json.id);
    },
    ...Object.fromEntries(
      (['admin', 'operator', 'user'] as const).flatMap((role) =>
        ['mine', 'mine_gone'].map((name) => [`${name}_of_${role}`, () => tokenOf(role)]),
      ),
    ),
    mine: () => tokenOf('user'),
    mine_gone: () => tokenOf('user'),
    leaver: async () => {
      const made = { name: 'Leaver', email: 'leaver@example.test', role: 'user', password: PASSWORD };
      const id = String((await h.call('POST', `${API}/users`, { as: 'admin', body: made })).json.id);
      await charging(await h.station('RULES-LEAVER'), id);
      return id;
    },
    plug: async (station) => {
      await h.db.query(
        `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       select $1::int8, e, 1, 'Available', 'Available', now() from generate_series(1, 2) e on conflict do nothing`,
        [station],
      );
      await h.db.query(
        `insert into connect_code (code, tenant_id, station_id, evse_id, connector_id)
       values ('ABCDEFGHJK', 1, $1::int8, 1, 1)`,
        [station],
      );
      return '1';
    },
    code: async () => 'ABCDEFGHJK',
    // Everybody charges.
    charging: async (station) => {
      for (const role of ['admin', 'operator', 'user'] as const) await charging(String(station), h.userIds[role]);
      return String(station);
    },
    ended: async (station) => {
      const id = await charging(String(station), h.userIds.user);
      await h.db.query('update transaction set ended_at = now() where id = $1::int8', [Number(id)]);
      return id;
    },
    key: async () => {
      const body = { name: 'of the rules', scopes: ['devices:read'] };
      return String((await h.call('POST', `${API}/api-keys`, { as: 'operator', body })).json.id);
    },
    person: async () => {
      const made = { name: 'Person', email: 'person@example.test', role: 'user', password: PASSWORD };
      return String((await h.call('POST', `${API}/users`, { as: 'admin', body: made })).json.id);
    },
    place: () => group(`PLACE ${++made}`),
    grant: async () => grantAt(await group(`PLACE ${++made}`)),
    grant_gone: async () => grantAt(await group(`PLACE ${++made}`)),
    transaction: async (station) => {
      const [made] = await h.db.query<{ id: number }>(
        `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, currency, register, tariff, meter_start_mwh)
       values (1, $1::int8, 1, 1, 'ocpp1.6', '777', 'started', '2026-01-01T10:00:00Z', 'BRL', '{}',
         '{"currency":"BRL","perKwhMinor":75}', 0) returning id`,
        [station],
      );
      return String(made?.id);
    },
    serial: async (station) => {
      await h.db.query(
        `insert into station_certificate (tenant_id, station_id, source, serial_number, fingerprint, subject, issuer,
         issuer_name_hash, not_before, not_after, chain_pem)
       values (1, $1::int8, 'builtin', 'abc1', 'f', 'CN=RULES', 'CN=a', 'b', now(), now() + interval '1 day', '')`,
        [station],
      );
      await h.db.query(
        `insert into security_event (tenant_id, station_id, type, criticality, digest, occurred_at, time_quality, received_at)
       values (1, $1::int8, 'FirmwareUpdated', 'critical', 'd', now(), 'exact', now())`,
        [station],
      );
      return 'abc1';
    },
    alarm: async (station) => {
      const [made] = await h.db.query<{ id: number }>(
        `insert into alarm (tenant_id, station_id, kind, subject, severity, state, first_seen, last_seen, raised_at)
       values (1, $1::int8, 'offline', 'station', 'warning', 'open', now(), now(), now()) returning id`,
        [station],
      );
      return String(made?.id);
    },
    command: async (station) => {
      const path = `${API}/devices/${station}/commands/ClearCache?queue=600`;
      return String((await h.call('POST', path, { as: 'operator' })).json.id);
    },
    batch: async (station) => {
      const body = { action: 'ClearCache', filter: { device_ids: [String(station)] } };
      return String((await h.call('POST', `${API}/command-batches`, { as: 'operator', body })).json.id);
    },
    webhook: () => makeWebhook(),
    webhook_gone: () => makeWebhook(),
    pinged: async () => {
      pinged = await makeWebhook();
      return pinged;
    },
    delivery: async () => String((await h.call('POST', `${API}/webhooks/${pinged}/ping`, { as: 'operator' })).json.id),
    stream: async (stationId) => {
      await h.db.query(
        `insert into event_stream (station_id, stream_id, tenant_id, opened_at) values ($1::int8, 4, 1, now())`,
        [stationId],
      );
      await h.db.query(
        `insert into desired_setting (tenant_id, vendor, path, component, variable, value)
       values (1, 'V', 'p', '', 'HeartbeatInterval', '60')`,
      );
      return '4';
    },
    tariff: async () => {
      const body = { name: 'Rua', currency: 'BRL', per_kwh_minor: 75 };
      const id = String((await h.call('POST', `${API}/tariffs`, { as: 'operator', body })).json.id);
      await h.call('PUT', `${API}/tariff-assignments`, { as: 'operator', body: { tariff_id: id } });
      return id;
    },
    tariff_gone: async () => {
      const body = { name: 'Velha', currency: 'BRL', per_kwh_minor: 80 };
      return String((await h.call('POST', `${API}/tariffs`, { as: 'operator', body })).json.id);
    },
    settlement: async (station) => {
      const [made] = await h.db.query<{ id: number }>(
        `insert into settlement (tenant_id, station_id, psp_ref, status, amount_minor, currency, rounded, settled_at)
       values (1, $1::int8, 'PSP', 'Settled', 1234, 'BRL', false, now()) returning id`,
        [station],
      );
      return String(made?.id);
    },
    reservation: async (stationId) => {
      const actor = { userId: h.userIds.admin, tenantId: 1, role: 'admin' } as const;
      const reserved = { evseId: 1, connectorType: null, idToken: 'CARD', groupId: null };
      const expiresAt = new Date(Date.now() + 3_600_000);
      await createReservation(h.db, actor, { stationId, reservationId: 9, expiresAt, ...reserved });
      return '9';
    },
    request: async (stationId) => {
      const payload = { reportBase: 'FullInventory' };
      const actor = { userId: h.userIds.admin, tenantId: 1, role: 'admin' } as const;
      await createRequest(h.db, actor, { stationId, action: 'GetBaseReport', requestId: 7, payload });
      return '7';
    },
  };
}
