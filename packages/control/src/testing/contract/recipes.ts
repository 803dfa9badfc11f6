/** What has to have happened before some statuses are seen: for each of them, what makes it so. */
import { codeAt, stepOf } from '../../auth/totp.js';
import { writePosition } from '../../live/position.js';
import { PASSWORD } from '../harness.js';
import { startLoginProvider } from '../login-provider.js';
import { mailOf } from '../mailbox.js';
import { beside, cutOff, type Mood, type Station, withStations } from './stage.js';
import type { Asking } from './suite.js';

export interface Kitchen extends Asking {
  readonly stations: readonly Station[];
}

const API = '/api/v1';
const AUTH = `POST ${API}/auth`;
const NEW = 'três pratos de trigo';

/** RFC 4648 section 6. */
function fromBase32(text: string): Uint8Array {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Uint8Array.from(bits.join('').match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

async function sessions({ h, ask }: Kitchen): Promise<void> {
  const login = { email: 'operator@example.test', password: PASSWORD };
  const { json } = await ask(`${AUTH}/login`, { body: login, expect: 200 });
  await ask(`${AUTH}/refresh`, { body: { refresh_token: json.refresh_token }, expect: 200 });
  await ask(`${AUTH}/refresh`, { body: { refresh_token: json.refresh_token }, expect: 401 });
  await ask(`${AUTH}/logout`, { as: 'nobody', body: {}, expect: 401 });
  const ghost = { userId: '0193f000-0000-7000-8000-000000000009', tenantId: 1, role: 'user', sessionId: 'x' } as const;
  const headers = { authorization: `Bearer ${await h.services.tokens.issue(ghost)}` };
  await ask(`GET ${API}/me`, { headers, expect: 404 });
  await ask(`PATCH ${API}/me`, { headers, expect: 404 });
  const at = await cutOff(h);
  at.cut();
  await ask('GET /.well-known/jwks.json', { at, expect: 503 });
  const formed = { refresh_token: `${'a'.repeat(22)}.${'a'.repeat(43)}` };
  await ask(`${AUTH}/refresh`, { at, body: formed, expect: 503 });
  await at.close();
}

async function registration({ h, ask }: Kitchen): Promise<void> {
  const ana = { name: 'Ana Souza', email: 'ana@example.test', password: NEW };
  await ask(`${AUTH}/register`, { body: ana, expect: 201 });
  const token = async () => (await mailOf(h, ana.email)).at(-1)?.token;
  await ask(`${AUTH}/email/verify`, { body: { token: await token() }, expect: 204 });
  await ask(`${AUTH}/email/ask`, { body: { email: ana.email }, expect: 202 });
  await ask(`${AUTH}/password/ask`, { body: { email: ana.email }, expect: 202 });
  await ask(`${AUTH}/password/reset`, { body: { token: await token(), password: NEW }, expect: 204 });
  const at = await beside(h, { config: { ...h.deps.config, registration: 'off' } });
  await ask(`${AUTH}/register`, { at, body: ana, expect: 403 });
  await at.close();
}

async function secondFactor({ ask }: Kitchen): Promise<void> {
  const { json } = await ask(`POST ${API}/me/second-factor`, { expect: 200 });
  const secret = fromBase32(String(json.secret));
  const code = (off: number) => codeAt(secret, stepOf(Date.now()) + off);
  await ask(`POST ${API}/me/second-factor/confirm`, { body: { code: code(0) }, expect: 200 });
  const login = { email: 'admin@example.test', password: PASSWORD };
  const asked = await ask(`${AUTH}/login`, { body: login, expect: 202 });
  const shown = { challenge: asked.json.challenge, code: code(1) };
  await ask(`${AUTH}/login/code`, { body: shown, expect: 200 });
}

async function loginProvider({ h, ask }: Kitchen): Promise<void> {
  const provider = await startLoginProvider();
  const at = await beside(h, { config: { ...h.deps.config, oidc: provider.settings, registration: 'off' } });
  provider.people.set('operator', { email: 'operator@example.test', email_verified: true });
  provider.people.set('admin', { email: 'admin@example.test', email_verified: true });
  provider.people.set('nobody', {});
  const visit = async (who: string) => {
    const { json } = await ask(`${AUTH}/oidc/begin`, { at, expect: 200 });
    return { login: json.login, ...(await provider.visit(String(json.authorization_url), who)) };
  };
  const finish = `${AUTH}/oidc/finish`;
  await ask(finish, { at, body: await visit('operator'), expect: 200 });
  await ask(finish, { at, body: await visit('admin'), expect: 202 });
  await ask(finish, { at, body: await visit('nobody'), expect: 403 });
  await ask(finish, { at, body: { ...(await visit('operator')), state: 'of another' }, expect: 401 });
  const late = await visit('operator');
  await provider.close();
  await ask(finish, { at, body: late, expect: 502 });
  await at.close();
  const { oidc: _, ...config } = h.deps.config;
  const without = await beside(h, { config });
  await ask(`${AUTH}/oidc/begin`, { at: without, expect: 409 });
  await ask(finish, { at: without, body: late, expect: 409 });
  await without.close();
}

async function taken({ h, ask, ids, seed }: Kitchen): Promise<void> {
  const body = { name: 'Made', email: 'operator@example.test', role: 'operator', password: PASSWORD };
  await ask(`POST ${API}/users`, { body, expect: 409 });
  const self = { user_id: h.userIds.admin };
  await ask(`PATCH ${API}/users/:user_id`, { path: self, body: { status: 'blocked' }, expect: 409 });
  await ask(`DELETE ${API}/users/:user_id/second-factor`, { path: self, expect: 409 });
  await ask(`POST ${API}/devices`, { body: { identity: 'RULES' }, expect: 409 });
  const granted = { user_id: ids.person, group_id: await seed('place'), set: 'viewer' };
  await ask(`POST ${API}/grants`, { body: granted, expect: 201 });
  await ask(`POST ${API}/grants`, { body: granted, expect: 409 });
  await ask(`POST ${API}/id-tokens`, { body: { value: 'CARD' }, expect: 409 });
}

async function elsewhere({ h, ask }: Kitchen): Promise<void> {
  const certificates = { external: { url: 'http://127.0.0.1:9' } };
  const at = await beside(h, { config: { ...h.deps.config, certificates } });
  await ask(`GET ${API}/certificates/ca`, { at, expect: 404 });
  await ask(`GET ${API}/certificates/crl`, { at, expect: 404 });
  await at.close();
  const unwell = h.deps.health.register('of the test', () => {
    throw new Error('unwell');
  });
  await ask('GET /health/ready', { expect: 503 });
  unwell();
}

async function files({ ask, seed }: Kitchen): Promise<void> {
  const form = { 'content-type': 'multipart/form-data; boundary=x' };
  const large = 'x'.repeat(200_000);
  for (const method of ['PUT', 'POST'])
    for (const end of ['', '/:file']) {
      const key = `${method} /uploads/:token${end}`;
      const name: Record<string, string> = end === '' ? {} : { file: 'a.log' };
      await ask(key, { path: { token: 'x'.repeat(201), ...name }, expect: 400 });
      const path = { token: await seed('upload_put'), ...name };
      await ask(key, { path, headers: form, body: '--x--', expect: 422 });
      await ask(key, { path, body: large, expect: 413 });
    }
  const path = { id: await seed('image_blank') };
  const file = `PUT ${API}/firmwares/:id/file`;
  await ask(file, { path, query: { sha256: '0'.repeat(64) }, expect: 422 });
  await ask(file, { path, body: large, expect: 413 });
  // Of the good call, that was.
  await ask(file, { expect: 409 });
}

async function queue({ h, ask, ids, stations }: Kitchen): Promise<void> {
  for (const [key, path] of [
    [`POST ${API}/devices/:id/commands/:action`, { action: 'ClearCache' }],
    [`POST ${API}/devices/:id/actions/:verb`, { verb: 'clear-cache' }],
  ] as const)
    await ask(key, { path, query: { queue: '60' }, expect: 202 });
  await h.db.query("update command set state = 'failed' where id = $1::int8", [Number(ids.command)]);
  await ask(`DELETE ${API}/commands/:command_id`, { expect: 409 });
  const batch = { action: 'NoSuchAction', filter: {} };
  await ask(`POST ${API}/command-batches`, { body: batch, expect: 404 });
  const made = await ask(`POST ${API}/command-batches`, { expect: 202 });
  const of = [Number(made.json.id)];
  await h.db.query("update command set state = 'failed', ended_at = now() where batch_id = $1::int8", of);
  await ask(`POST ${API}/command-batches/:batch_id/retry-failed`, { path: { batch_id: String(of[0]) }, expect: 200 });
  const [, newer] = stations;
  await ask(`PUT ${API}/devices/:id/cost-display`, { path: { id: newer?.id ?? '' }, expect: 200 });
}

/** What the stations did before stands in the way of what they are asked now. */
async function charging({ h, ask, ids }: Kitchen): Promise<void> {
  const path = { id: await h.station('FRESH') };
  const fresh = [{ identity: 'FRESH', id: path.id }];
  const reserve = `POST ${API}/devices/:id/reservations`;
  const cancel = `DELETE ${API}/devices/:id/reservations/:reservation_id`;
  const rotate = `POST ${API}/devices/:id/credentials/rotate`;
  const start = `POST ${API}/transactions/start`;
  await h.db.query("update id_token set status = 'active'");
  const schedule = `GET ${API}/devices/:id/composite-schedule`;
  let number = '';
  await withStations(h, fresh, 'obeys', async () => {
    number = String((await ask(reserve, { path, expect: 201 })).json.reservation_id);
    await ask(schedule, { path, expect: 200 });
  });
  const held = { ...path, reservation_id: number };
  const body = { device_id: path.id, evse_id: 1, id_token: 'CARD' };
  const fast = { timeout: '1' };
  const moods: readonly (readonly [Mood, number])[] = [
    ['fails', 502],
    ['silent', 504],
  ];
  for (const [mood, expect] of moods)
    await withStations(h, fresh, mood, async () => {
      await ask(start, { body, query: fast, expect });
      await ask(rotate, { path, query: fast, expect });
      await h.db.query(
        'update station set pending_secret_at = null, pending_secret_salt = null, pending_secret_verifier = null',
      );
      await ask(cancel, { path: held, query: fast, expect });
    });
  await ask(cancel, { path: held, expect: 409 });
  await ask(start, { body: { ...body, device_id: '999999999' }, expect: 404 });
  await withStations(h, fresh, 'obeys', async () => {
    const begun = ask(start, { body, query: { timeout: '20' }, expect: 201 });
    // Whenever it looks: the transaction is newer than what it asks for once the command has arrived.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await h.db.query(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status, id_token,
         started_at, currency, register, tariff, meter_start_mwh)
       values (1, $1::int8, 1, 1, 'ocpp1.6', '778', 'started', 'CARD', now(), 'BRL', '{}',
         '{"currency":"BRL","perKwhMinor":75}', 0)`,
      [Number(path.id)],
    );
    await begun;
  });
  await h.db.query("update transaction set ended_at = now(), status = 'completed' where id = $1::int8", [
    Number(ids.transaction),
  ]);
  await ask(`POST ${API}/transactions/:id/stop`, { expect: 200 });
}

/** What is in use cannot go, and what has gone cannot be used. */
async function fleet({ h, ask, ids }: Kitchen): Promise<void> {
  await ask(`POST ${API}/devices/import`, { query: { dry_run: 'true' }, expect: 200 });
  const archived = { path: { id: ids.station_gone ?? '' } };
  await ask(`PATCH ${API}/devices/:id`, { ...archived, body: { published: true }, expect: 409 });
  const path = { id: await h.station('BUSY') };
  await h.db.query(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status, started_at,
       currency, register, tariff)
     values (1, $1::int8, 1, 1, 'ocpp1.6', '779', 'started', now(), 'BRL', '{}', '{"currency":"BRL","perKwhMinor":75}')`,
    [Number(path.id)],
  );
  await ask(`DELETE ${API}/devices/:id`, { path, expect: 409 });
  const { json } = await ask(`GET ${API}/transactions/active`, {
    query: { device_id: path.id, limit: '1' },
    expect: 200,
  });
  const running = { id: String((json.items as { id: string }[])[0]?.id) };
  await ask(`GET ${API}/transactions/:id/receipt`, { path: running, expect: 409 });
  for (const kind of ['sites', 'groups']) {
    const [one, other] = [{ name: `FIRST of ${kind}` }, { name: `SECOND of ${kind}` }];
    const made = await ask(`POST ${API}/${kind}`, { body: one, expect: 201 });
    await ask(`POST ${API}/${kind}`, { body: other, expect: 201 });
    const path = { id: String(made.json.id) };
    await ask(`PATCH ${API}/${kind}/:id`, { path, body: other, expect: 409 });
    await ask(`DELETE ${API}/${kind}/:id`, { path, expect: 204 });
  }
}

async function prices({ ask, ids }: Kitchen): Promise<void> {
  const body = { tariff_id: '999999999', device_id: ids.id };
  await ask(`PUT ${API}/tariff-assignments`, { body, expect: 404 });
  await ask(`DELETE ${API}/tariff-assignments`, { query: { device_id: '999999999' }, expect: 404 });
  await ask(`DELETE ${API}/tariffs/:id`, { path: { id: ids.tariff ?? '' }, expect: 409 });
  await ask(`PATCH ${API}/tariffs/:id`, { path: { id: ids.tariff_gone ?? '' }, body: { name: 'z' }, expect: 409 });
}

async function live({ h, ask, ids, upgrade }: Kitchen): Promise<void> {
  const { first, made } = await h.services.live.feed.state();
  const told = [made, first + 5, Number(ids.webhook)];
  await h.db.query('update webhook set stream_made = $1::int8, cursor = $2::int8 where id = $3::int8', told);
  const body = { after: writePosition(made, first) };
  await ask(`POST ${API}/webhooks/:id/replay`, { path: { id: ids.webhook ?? '' }, body, expect: 202 });
  const stream = `GET ${API}/events/stream`;
  await ask(stream, { query: { topics: 'messages', device_ids: '999999999', site_ids: '' }, expect: 404 });
  await ask(stream, { query: { topics: 'progress' }, expect: 422 });
  const socket = 'GET /ws/updates';
  await upgrade(socket, { expect: 101 });
  await upgrade(socket, { query: { token: 'x' }, expect: 400 });
  const at = await beside(h, {});
  at.leave();
  await upgrade(socket, { at, expect: 503 });
  await at.close();
}

async function drivers({ h, ask, ids }: Kitchen): Promise<void> {
  const held = { path: { id: ids.mine_of_admin ?? '' } };
  await h.db.query("update id_token set status = 'blocked', blocked_by = null where id = $1::int8", [
    Number(held.path.id),
  ]);
  await ask(`PATCH ${API}/me/id-tokens/:id`, { ...held, body: { status: 'active' }, expect: 409 });
  await ask(`DELETE ${API}/me/id-tokens/:id`, { ...held, expect: 409 });
  const person = async (email: string) => {
    const body = { name: 'Ida', email, role: 'user', password: PASSWORD };
    return String((await ask(`POST ${API}/users`, { body, expect: 201 })).json.id);
  };
  const userId = await person('ida@example.test');
  const claims = { userId, tenantId: 1, role: 'user', sessionId: 'x' } as const;
  const headers = { authorization: `Bearer ${await h.services.tokens.issue(claims)}` };
  await ask(`POST ${API}/me/erasure`, { headers, expect: 204 });
  const leaver = { user_id: await person('ivo@example.test') };
  await ask(`POST ${API}/users/:user_id/erasure`, { path: leaver, expect: 204 });
}

export const RECIPES: Readonly<Record<string, (kitchen: Kitchen) => Promise<void>>> = {
  sessions,
  registration,
  taken,
  elsewhere,
  files,
  queue,
  charging,
  fleet,
  prices,
  live,
  drivers,
  'second factor': secondFactor,
  'login by a provider': loginProvider,
};
