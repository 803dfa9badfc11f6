/** Registration, what is proven by mail, one's own account, and the second factor, as a client sees them. */

import { createMetrics } from '@sigec/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Notice } from './accounts/notifier.js';
import { createControl } from './app.js';
import { ROLES } from './auth/permissions.js';
import { codeAt, stepOf } from './auth/totp.js';
import { type Harness, type Json, PASSWORD, startHarness } from './testing/harness.js';
import { mailOf } from './testing/mailbox.js';

const API = '/api/v1';
let h: Harness;
/** Ahead of the machine's clock, ms: so that codes of later steps can be shown without waiting. */
let ahead = 0;
beforeAll(async () => {
  const clock = { now: () => Date.now() + ahead, monotonic: () => performance.now() };
  h = await startHarness({ publicUrl: 'https://api.example.test' }, { clock });
});
afterAll(() => h.close());

const post = (path: string, body: unknown, token?: unknown) =>
  h.call('POST', `${API}${path}`, {
    body,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });
const login = (email: string, password: string) => post('/auth/login', { email, password });
const NEW = 'três pratos de trigo';
const audited = async (action: string, userId: unknown) =>
  (
    await h.db.query('select id from audit_entry where action = $1 and user_id = $2::text::uuid', [
      action,
      String(userId),
    ])
  ).length;

describe('registration', () => {
  const ana = { name: 'Ana Souza', email: 'Ana@example.test', password: NEW };

  it('makes a driver, who may log in once the address is confirmed', async () => {
    const made = await post('/auth/register', ana);
    expect(made.status).toBe(201);
    expect(made.json).toEqual({ id: expect.any(String), email: ana.email, name: ana.name, role: 'user' });
    expect((await login(ana.email, NEW)).json.code).toBe('invalid-credentials');
    const [mail] = await mailOf(h, ana.email);
    expect(mail?.kind).toBe('verify-email');
    expect(mail?.subject).toMatch(/^Confirme .* · Confirm /);
    expect(mail?.text).toContain(`https://api.example.test/verify-email#token=${mail?.token}`);
    expect((await post('/auth/email/verify', { token: mail?.token })).status).toBe(204);
    expect((await post('/auth/email/verify', { token: mail?.token })).json.code).toBe('one-time-token');
    const { json } = await login('ana@EXAMPLE.test', NEW);
    const me = await h.call('GET', `${API}/me`, { headers: { authorization: `Bearer ${json.token}` } });
    expect(me.json).toMatchObject({ id: made.json.id, role: 'user', status: 'active', second_factor: false });
    expect(me.json.permissions).toEqual([...ROLES.user]);
    const [row] = await h.db.query<{ tenant: number }>('select tenant_id as tenant from app_user where id = $1::uuid', [
      String(made.json.id),
    ]);
    expect(row?.tenant).toBe(1);
    expect(await audited('user.registered', made.json.id)).toBe(1);
    expect(await audited('email.verified', made.json.id)).toBe(1);
  });

  it('answers the same for an address that has an account, changes nothing of it, and tells its owner', async () => {
    const made = await post('/auth/register', { ...ana, name: 'Mallory', password: 'a password of strangers' });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ email: ana.email, name: 'Mallory', role: 'user' });
    expect(made.json.id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await h.db.query('select id from app_user where id = $1::uuid', [String(made.json.id)])).length).toBe(0);
    expect((await login(ana.email, 'a password of strangers')).status).toBe(401);
    expect((await login(ana.email, NEW)).status).toBe(200);
    const mails = await mailOf(h, ana.email);
    expect(mails.map(({ kind }) => kind)).toEqual(['verify-email', 'account-exists']);
  });

  it('lets one that was never confirmed give way to the next', async () => {
    const email = 'caio@example.test';
    const first = await post('/auth/register', { name: 'Caio', email, password: 'the password of one' });
    const [one] = await mailOf(h, email);
    const second = await post('/auth/register', { name: 'Caio B', email, password: 'the password of two' });
    // As where it is taken: another id each time.
    expect(second.json.id).not.toBe(first.json.id);
    const [two] = await mailOf(h, email);
    expect((await post('/auth/email/verify', { token: one?.token })).status).toBe(422);
    expect((await post('/auth/email/verify', { token: two?.token })).status).toBe(204);
    expect((await login(email, 'the password of one')).status).toBe(401);
    expect((await login(email, 'the password of two')).status).toBe(200);
  });

  it('names what is wrong', async () => {
    const fields = async (body: Json) =>
      ((await post('/auth/register', body)).json.errors as Json[] | undefined)?.map(({ field }) => field);
    expect(await fields({})).toEqual(['name', 'email', 'password']);
    expect(await fields({ name: 'B', email: 'nobody', password: NEW })).toEqual(['email']);
    expect(await fields({ name: 'B', email: 'b@example.test\r\nBcc: x@y.z', password: NEW })).toEqual(['email']);
    expect(await fields({ name: 'B', email: 'b@example.test', password: 'short' })).toEqual(['password']);
    expect(await fields({ name: 'Bernardo', email: 'b@example.test', password: 'bernardo-1' })).toEqual(['password']);
  });

  it('may be open, where a first login needs no mail, or closed', async () => {
    const under = (registration: 'open' | 'off') => {
      const config = { ...h.deps.config, registration };
      const { app } = createControl({ ...h.deps, metrics: createMetrics('registration'), config });
      return async (path: string, body: object) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await app.request(`${API}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
        return (await answer.json()) as Json;
      };
    };
    const who = { name: 'Davi', email: 'davi@example.test', password: NEW };
    const open = under('open');
    expect((await open('/auth/register', who)).role).toBe('user');
    expect((await open('/auth/login', { email: who.email, password: NEW })).token).toBeTruthy();
    expect(await under('off')('/auth/register', { ...who, email: 'e@example.test' })).toMatchObject({
      status: 403,
      code: 'registration-closed',
    });
  });
});

describe('a new password by mail', () => {
  it('is set once, ends all sessions, and is told of', async () => {
    const email = 'user@example.test';
    const session = (await login(email, PASSWORD)).json;
    expect((await post('/auth/password/ask', { email: 'USER@example.test' })).status).toBe(202);
    const [mail] = await mailOf(h, email);
    expect(mail?.kind).toBe('password-reset');
    // A newer one takes its place.
    await post('/auth/password/ask', { email });
    const newer = (await mailOf(h, email))[1];
    expect((await post('/auth/password/reset', { token: mail?.token, password: NEW })).json.code).toBe(
      'one-time-token',
    );
    const both = await Promise.all(
      [1, 2].map(() => post('/auth/password/reset', { token: newer?.token, password: NEW })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([204, 422]);
    expect((await post('/auth/refresh', { refresh_token: session.refresh_token })).status).toBe(401);
    expect((await login(email, PASSWORD)).status).toBe(401);
    expect((await login(email, NEW)).status).toBe(200);
    expect((await mailOf(h, email)).at(-1)?.kind).toBe('password-changed');
    expect(await audited('password.reset', h.userIds.user)).toBe(1);
  });

  it('says nothing of who is there, and writes to nobody else', async () => {
    const known = await post('/auth/password/ask', { email: 'operator@example.test' });
    const unknown = await post('/auth/password/ask', { email: 'nobody@example.test' });
    expect([known.status, known.json]).toEqual([unknown.status, unknown.json]);
    expect(await mailOf(h, 'nobody@example.test')).toEqual([]);
    expect(await mailOf(h, 'operator@example.test')).toHaveLength(1);
    // Nobody is flooded, and whether there is somebody does not show in it.
    for (const email of ['operator@example.test', 'nobody@example.test']) {
      await post('/auth/password/ask', { email });
      await post('/auth/password/ask', { email });
      expect((await post('/auth/password/ask', { email })).json.code).toBe('too-many-attempts');
    }
  });

  it('is answered before anything is done that depends on who is there', async () => {
    let release = () => {};
    const sent = new Promise<void>((resolve) => {
      release = resolve;
    });
    const recipients: string[] = [];
    const notifier = {
      send: ({ recipient }: Notice) => {
        recipients.push(recipient);
        return sent;
      },
    };
    const { app, services } = createControl({ ...h.deps, metrics: createMetrics('aside'), notifier });
    const ask = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      return (await app.request(`${API}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };
    // Nothing is delivered yet, and the answers are there.
    expect(await ask('/auth/password/ask', { email: 'stranger@example.test' })).toBe(202);
    expect(await ask('/auth/email/ask', { email: 'stranger@example.test' })).toBe(202);
    expect(await ask('/auth/register', { name: 'F', email: 'stranger@example.test', password: NEW })).toBe(201);
    release();
    await services.aside.idle();
    expect(recipients).toEqual(Array(3).fill('stranger@example.test'));
  });

  it('does not come of a token that is too old, or of one for something else', async () => {
    await post('/auth/password/ask', { email: 'admin@example.test' });
    const [mail] = await mailOf(h, 'admin@example.test');
    expect((await post('/auth/email/verify', { token: mail?.token })).status).toBe(422);
    await h.db.query("update account_token set expires_at = now() - interval '1 s'");
    expect((await post('/auth/password/reset', { token: mail?.token, password: NEW })).status).toBe(422);
    expect((await login('admin@example.test', PASSWORD)).status).toBe(200);
  });
});

describe("one's own account", () => {
  it('changes its name, and its password by who knows it', async () => {
    const { json: session } = await login('operator@example.test', PASSWORD);
    const headers = { authorization: `Bearer ${session.token}` };
    expect((await h.call('PATCH', `${API}/me`, { headers, body: { name: 'Olga' } })).json.name).toBe('Olga');
    // What is nobody's to change of themselves is not taken.
    await h.call('PATCH', `${API}/me`, { headers, body: { role: 'admin', status: 'blocked', name: 'Olga' } });
    expect((await h.call('GET', `${API}/me`, { headers })).json).toMatchObject({ role: 'operator', status: 'active' });
    const wrong = await post('/me/password', { current_password: 'wrong', new_password: NEW }, session.token);
    expect([wrong.status, wrong.json.errors]).toEqual([422, [{ field: 'current_password', message: 'is wrong' }]]);
    const done = await post('/me/password', { current_password: PASSWORD, new_password: NEW }, session.token);
    expect(done.status).toBe(200);
    expect((await post('/auth/refresh', { refresh_token: session.refresh_token })).status).toBe(401);
    expect((await post('/auth/refresh', { refresh_token: done.json.refresh_token })).status).toBe(200);
    const back = await post('/me/password', { current_password: NEW, new_password: PASSWORD }, session.token);
    expect(back.status).toBe(200);
  });

  it('gets another address once that is confirmed, and none that is taken', async () => {
    const { json: session } = await login('operator@example.test', PASSWORD);
    const ask = (email: string) => post('/me/email', { current_password: PASSWORD, email }, session.token);
    expect((await ask('olga@example.test')).status).toBe(202);
    expect((await login('olga@example.test', PASSWORD)).status).toBe(401);
    const [mail] = await mailOf(h, 'olga@example.test');
    expect((await post('/auth/email/verify', { token: mail?.token })).status).toBe(204);
    expect((await login('olga@example.test', PASSWORD)).status).toBe(200);
    // Whoever reads the address of before learns of it, also where it was not them.
    const told = (await mailOf(h, 'operator@example.test')).at(-1);
    expect([told?.kind, told?.token]).toEqual(['email-changed', '']);
    expect((await ask('admin@example.test')).status).toBe(202);
    expect((await mailOf(h, 'admin@example.test')).map(({ kind }) => kind)).not.toContain('email-change');
    // Taken while the mail lay unread.
    expect((await ask('late@example.test')).status).toBe(202);
    await h.db.query("update app_user set email = 'LATE@example.test' where email = 'stranger@example.test'");
    const [late] = await mailOf(h, 'late@example.test');
    expect((await post('/auth/email/verify', { token: late?.token })).status).toBe(422);
    await h.db.query("update app_user set email = 'stranger@example.test' where email = 'LATE@example.test'");
  });
});

describe('the second factor', () => {
  const email = 'admin@example.test';
  let secret: Uint8Array;
  let recovery: string[];
  let confirmedBy: string;
  const code = (off = 0) => codeAt(secret, stepOf(Date.now() + ahead) + off);
  const asked = async () => (await login(email, PASSWORD)).json.challenge;
  const answer = (challenge: unknown, shown: string) => post('/auth/login/code', { challenge, code: shown });

  it('is for operators and administrators', async () => {
    expect((await h.call('POST', `${API}/me/second-factor`, { as: 'user' })).status).toBe(403);
  });

  it('counts once a code of it was shown', async () => {
    const early = await post('/me/second-factor/confirm', { code: '123456' }, h.tokens.admin);
    expect([early.status, early.json.code]).toEqual([409, 'second-factor-state']);
    const first = await h.call('POST', `${API}/me/second-factor`, { as: 'admin' });
    const enrolled = await h.call('POST', `${API}/me/second-factor`, { as: 'admin' });
    expect(enrolled.json.secret).not.toBe(first.json.secret);
    expect(enrolled.json.otpauth_url).toContain(`secret=${enrolled.json.secret}`);
    const [row] = await h.db.query<{ box: Uint8Array }>('select secret_box as box from second_factor');
    expect(Buffer.from(row?.box ?? []).toString('latin1')).not.toContain(String(enrolled.json.secret));
    secret = fromBase32(String(enrolled.json.secret));
    expect((await login(email, PASSWORD)).status).toBe(200);
    const wrong = code() === '000000' ? '111111' : '000000';
    expect((await post('/me/second-factor/confirm', { code: wrong }, h.tokens.admin)).json.code).toBe('wrong-code');
    confirmedBy = code();
    const confirmed = await post('/me/second-factor/confirm', { code: confirmedBy }, h.tokens.admin);
    expect(confirmed.status).toBe(200);
    recovery = confirmed.json.recovery_codes as string[];
    expect(recovery).toHaveLength(10);
    expect((await h.call('POST', `${API}/me/second-factor`, { as: 'admin' })).json.code).toBe('second-factor-state');
    expect(await audited('second-factor.enabled', h.userIds.admin)).toBe(1);
  });

  it('is asked for at login, and no code is good twice', async () => {
    const first = await login(email, PASSWORD);
    expect([first.status, Object.keys(first.json)]).toEqual([202, ['challenge', 'expires_in']]);
    expect((await answer(first.json.challenge, confirmedBy)).json.code).toBe('wrong-code');
    ahead += 60_000;
    const shown = code();
    const both = await Promise.all([answer(first.json.challenge, shown), answer(await asked(), shown)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
    // A challenge is good once as well.
    ahead += 60_000;
    expect((await answer(first.json.challenge, code())).status).not.toBe(200);
    expect((await answer('x'.repeat(43), code())).json.code).toBe('invalid-challenge');
  });

  it('gives way to a recovery code, each once', async () => {
    const typed = String(recovery[0]).toLowerCase().replaceAll('-', ' ');
    expect((await answer(await asked(), typed)).status).toBe(200);
    expect((await answer(await asked(), typed)).json.code).toBe('wrong-code');
    expect(await audited('recovery-code.used', h.userIds.admin)).toBe(1);
  });

  it('cannot be guessed', async () => {
    ahead += 60_000;
    const challenge = await asked();
    const wrong = code() === '000000' ? '111111' : '000000';
    const answers: unknown[] = [];
    for (let i = 0; i < 7; i++) answers.push((await answer(challenge, wrong)).json.code);
    expect(answers.at(-1)).toBe('too-many-attempts');
    // Neither by a challenge of its own, nor with the right code, until the window is over.
    expect((await answer(await asked(), code())).json.code).toBe('too-many-attempts');
    await h.services.loginLimit.forgetPerson('code', h.userIds.admin);
    expect((await answer(challenge, code())).status).toBe(200);
  });

  it('does not outlive a new password: what was asked before is over', async () => {
    const challenge = await asked();
    await h.db.query('update app_user set session_epoch = session_epoch + 1 where id = $1::uuid', [h.userIds.admin]);
    ahead += 60_000;
    expect((await answer(challenge, code())).json.code).toBe('invalid-challenge');
  });

  it('is taken off by a code', async () => {
    ahead += 60_000;
    expect((await post('/me/second-factor/disable', { code: 'AAAA-BBBB' }, h.tokens.admin)).json.code).toBe(
      'wrong-code',
    );
    expect((await post('/me/second-factor/disable', { code: code() }, h.tokens.admin)).status).toBe(204);
    expect((await login(email, PASSWORD)).status).toBe(200);
    expect((await h.db.query('select code_hash from recovery_code')).length).toBe(0);
    expect(await audited('second-factor.disabled', h.userIds.admin)).toBe(1);
  });
});

it('leaves no token, code or password in the log', async () => {
  const mails = await Promise.all(
    ['ana@example.test', 'Ana@example.test', 'user@example.test'].map((to) => mailOf(h, to)),
  );
  const tokens = mails.flat().flatMap(({ token }) => (token === '' ? [] : [token]));
  expect(tokens.length).toBeGreaterThan(2);
  for (const hidden of [...tokens, NEW, PASSWORD]) expect(h.log()).not.toContain(hidden);
  const rows = await h.db.query<{ box: Uint8Array }>('select content_box as box from notification');
  for (const { box } of rows)
    for (const token of tokens) expect(Buffer.from(box).toString('latin1')).not.toContain(token);
});

function fromBase32(text: string): Uint8Array {
  let bits = '';
  for (const letter of text) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
