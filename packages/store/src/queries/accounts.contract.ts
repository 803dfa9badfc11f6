/** People's accounts on either database: what happens once, and what of two at once is too late. */
import { createHash } from 'node:crypto';
import { uuidv7 } from '@sigec/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { OTHER_TENANT } from '../harness.contract.js';
import * as q from './index.js';

const sha = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const token = (text: string, lifetimeMs = 60_000) => ({ hash: sha(text), lifetimeMs });

export function accountsContract(get: () => Database): void {
  describe('accounts', () => {
    let db: Database;
    let count = 0;
    const actorOf = (userId: string, role: q.UserRole = 'admin', tenantId = 1): q.Actor => ({ userId, tenantId, role });
    const person = async (role: q.UserRole = 'user', tenantId = 1) => {
      const email = `accounts-${++count}@example.test`;
      const made = await q.createUser(db, { tenantId, name: 'P', email, passwordHash: 'old', role });
      const user = await q.findUserById(db, made?.id ?? '');
      if (user === undefined) throw new Error('no person');
      return user;
    };
    const registration = (email: string, secret: string, replaceUnconfirmed = true) => ({
      ...{ tenantId: 1, name: 'R', email, passwordHash: secret, token: token(secret), verifyMs: 60_000 },
      replaceUnconfirmed,
    });
    const audited = async (userId: string) =>
      (await q.listAuditEntries(db, actorOf(userId), { limit: 50, userId })).items
        .map(({ action }) => action)
        .reverse();
    beforeAll(() => {
      db = get();
    });

    it('of an address there is one, whoever registers it at once, and however it is written', async () => {
      const all = await Promise.all(
        ['Once@example.test', 'once@EXAMPLE.test', 'ONCE@example.test'].map((email, n) =>
          q.registerUser(db, registration(email, `once-${n}`, false)),
        ),
      );
      expect(all.map((one) => one?.outcome).sort()).toEqual(['made', 'taken', 'taken']);
      expect(new Set(all.map((one) => one?.id)).size).toBe(1);
      const user = await q.findUserByEmail(db, 'once@example.test');
      expect(user).toMatchObject({ registered: true, emailVerifiedAt: null, role: 'user', sessionEpoch: 0 });
    });

    it('that was never confirmed gives way, one that was does not', async () => {
      const email = 'way@example.test';
      const first = await q.registerUser(db, registration(email, 'one'));
      const second = await q.registerUser(db, registration(email, 'two'));
      expect([first?.outcome, second?.outcome]).toEqual(['made', 'made']);
      // By the id nobody can tell this from an address that is taken.
      expect(second?.id).not.toBe(first?.id);
      expect((await q.findUserByEmail(db, email))?.passwordHash).toBe('two');
      expect(await q.confirmEmail(db, sha('one'))).toBeUndefined();
      expect(await q.confirmEmail(db, sha('two'))).toEqual({ userId: second?.id, tenantId: 1, before: null });
      expect((await q.registerUser(db, registration(email, 'three')))?.outcome).toBe('taken');
      expect((await q.findUserByEmail(db, email))?.passwordHash).toBe('two');
      // What its owner got by that mail sets a new password.
      expect(await q.resetPassword(db, sha('three'), 'four')).toBe(second?.id);
      await db.query("update app_user set status = 'blocked' where id = $1::uuid", [second?.id ?? '']);
      expect(await q.registerUser(db, registration(email, 'five'))).toBeUndefined();
      expect(await audited(second?.id ?? '')).toEqual(['user.registered', 'email.verified', 'password.reset']);
      // One of which an administrator made something stays as it is, and so does what they made of it.
      const chosen = await q.registerUser(db, registration('chosen@example.test', 'eight'));
      await q.updatePerson(db, actorOf(uuidv7()), chosen?.id ?? '', { role: 'operator' });
      expect((await q.registerUser(db, registration('chosen@example.test', 'nine')))?.outcome).toBe('taken');
      expect(await q.findUserByEmail(db, 'chosen@example.test')).toMatchObject({ id: chosen?.id, role: 'operator' });
      // One that was used, or has a card, is somebody's.
      const used = await q.registerUser(db, registration('used@example.test', 'six'));
      await q.noteLogin(db, used?.id ?? '');
      expect((await q.registerUser(db, registration('used@example.test', 'seven')))?.outcome).toBe('taken');
    });

    it('a token is good once, for its purpose, for its time, for who is active', async () => {
      const user = await person();
      await q.issueToken(db, user, 'reset', token('t1'));
      expect(await q.confirmEmail(db, sha('t1'))).toBeUndefined();
      const both = await Promise.all([1, 2, 3].map((n) => q.resetPassword(db, sha('t1'), `new-${n}`)));
      expect(both.filter((id) => id === user.id)).toHaveLength(1);
      expect(await q.findUserById(db, user.id)).toMatchObject({ sessionEpoch: 1, emailVerifiedAt: expect.any(Date) });
      await q.issueToken(db, user, 'reset', token('t2', -1));
      expect(await q.resetPassword(db, sha('t2'), 'late')).toBeUndefined();
      await q.issueToken(db, user, 'reset', token('t3'));
      await q.issueToken(db, user, 'reset', token('t4'));
      expect(await q.resetPassword(db, sha('t3'), 'older')).toBeUndefined();
      await db.query("update app_user set status = 'inactive' where id = $1::uuid", [user.id]);
      expect(await q.resetPassword(db, sha('t4'), 'inactive')).toBeUndefined();
      await q.dropOldTokens(db);
      expect(await db.query("select id from account_token where purpose = 'reset' and expires_at < now()")).toEqual([]);
    });

    it('a password is changed by one of two at once, and tokens to reset it go', async () => {
      const user = await person();
      await q.issueToken(db, user, 'reset', token('gone'));
      const both = await Promise.all(['a', 'b'].map((hash) => q.changePassword(db, user, hash)));
      expect(both.filter((epoch) => epoch === 1)).toHaveLength(1);
      expect(both).toContain(undefined);
      expect(await q.resetPassword(db, sha('gone'), 'c')).toBeUndefined();
    });

    it('an address becomes the second one of nobody', async () => {
      const user = await person();
      const other = await person();
      await q.issueToken(db, { ...user, email: other.email.toUpperCase() }, 'verify', token('theirs'));
      expect(await q.confirmEmail(db, sha('theirs'))).toBeUndefined();
      await q.issueToken(db, { ...user, email: 'Fresh@example.test' }, 'verify', token('mine'));
      expect(await q.confirmEmail(db, sha('mine'))).toMatchObject({ userId: user.id, before: user.email });
      expect((await q.findUserByEmail(db, 'fresh@example.test'))?.id).toBe(user.id);
      // Nor where many confirm it at once.
      const many = await Promise.all(Array.from({ length: 5 }, () => person()));
      await Promise.all(
        many.map((one) => q.issueToken(db, { ...one, email: 'wanted@example.test' }, 'verify', token(`w-${one.id}`))),
      );
      const outcomes = await Promise.all(many.map((one) => q.confirmEmail(db, sha(`w-${one.id}`))));
      expect(outcomes.filter((confirmed) => confirmed !== undefined)).toHaveLength(1);
    });

    it('who had the account before has nothing left that opens it', async () => {
      const owned = async () => {
        const user = await person();
        // Somebody who knew the password wants the account to have their address, and its owner's mail was read.
        await q.issueToken(db, { ...user, email: `evil-${count}@example.test` }, 'verify', token(`evil-${count}`));
        await q.issueToken(db, user, 'reset', token(`reset-${count}`));
        return { user, evil: sha(`evil-${count}`), reset: sha(`reset-${count}`) };
      };
      const [one, two, three, four] = [await owned(), await owned(), await owned(), await owned()];
      expect(await q.resetPassword(db, one.reset, 'new')).toBe(one.user.id);
      expect(await q.confirmEmail(db, one.evil)).toBeUndefined();
      expect(await q.changePassword(db, two.user, 'new')).toBe(1);
      expect(await q.confirmEmail(db, two.evil)).toBeUndefined();
      // What went to the address of before is good no more.
      await q.issueToken(db, { ...three.user, email: 'moved@example.test' }, 'verify', token('moved'));
      expect(await q.confirmEmail(db, sha('moved'))).toMatchObject({ before: three.user.email });
      expect(await q.resetPassword(db, three.reset, 'by the old mailbox')).toBeUndefined();
      for (const status of ['blocked', 'active'] as const)
        await q.updatePerson(db, actorOf(uuidv7()), four.user.id, { status });
      expect(await q.confirmEmail(db, four.evil)).toBeUndefined();
      // Nor what a stranger asked for before a provider said whose the address is.
      await q.registerUser(db, registration('squatted@example.test', 'stranger'));
      const squatter = await q.findUserByEmail(db, 'squatted@example.test');
      if (squatter === undefined) throw new Error('no squatter');
      await q.issueToken(db, { ...squatter, email: 'stranger@evil.test' }, 'verify', token('squat'));
      const owner = { issuer: 'https://one.example', subject: 'squatted', name: 'N', verifiedEmail: squatter.email };
      expect((await q.enterByProvider(db, owner, { register: true, tenantId: 1 }))?.id).toBe(squatter.id);
      expect(await q.confirmEmail(db, sha('squat'))).toBeUndefined();
    });

    it('a step of the second factor is taken once, and each recovery code', async () => {
      const user = await person('operator');
      const actor = actorOf(user.id, 'operator');
      expect(await q.beginSecondFactor(db, actor, new Uint8Array([1]))).toBe(true);
      expect(await q.beginSecondFactor(db, actor, new Uint8Array([2]))).toBe(true);
      expect(await q.takeStep(db, user.id, 5)).toBe(false);
      expect(await q.takeRecoveryCode(db, user, sha('r1'))).toBe(false);
      const confirmed = await Promise.all(
        [1, 2].map(() => q.confirmSecondFactor(db, actor, 7, [sha('r1'), sha('r2')])),
      );
      expect(confirmed.sort()).toEqual([false, true]);
      expect(await q.beginSecondFactor(db, actor, new Uint8Array([3]))).toBe(false);
      expect(await q.findUserById(db, user.id)).toMatchObject({ secondFactor: true });
      expect(Array.from((await q.getSecondFactor(db, user.id))?.secretBox ?? [])).toEqual([2]);
      const steps = await Promise.all([8, 8, 8, 7, 6].map((step) => q.takeStep(db, user.id, step)));
      expect(steps.filter(Boolean)).toHaveLength(1);
      const codes = await Promise.all([1, 2, 3].map(() => q.takeRecoveryCode(db, user, sha('r1'))));
      expect(codes.filter(Boolean)).toHaveLength(1);
      // Of another tenant nobody can take it off.
      expect(await q.dropSecondFactor(db, actorOf(user.id, 'admin', OTHER_TENANT), user.id)).toBe(false);
      expect(await q.dropSecondFactor(db, actor, user.id)).toBe(true);
      expect(await q.takeRecoveryCode(db, user, sha('r2'))).toBe(false);
      expect(await q.getSecondFactor(db, user.id)).toBeUndefined();
    });

    it('a key is found while it, and its maker, are good', async () => {
      const maker = await person('operator');
      const actor = actorOf(maker.id, 'operator');
      const scopes = ['devices:read', 'a "quoted", {scope}'];
      const made = await q.createApiKey(db, actor, {
        name: 'k',
        hint: 'sk_x',
        hash: sha('k1'),
        scopes,
        expiresAt: null,
      });
      expect(await q.findApiKey(db, sha('k1'))).toEqual({
        ...{ id: made, tenantId: 1, userId: maker.id, role: 'operator', scopes, leftMs: null },
      });
      expect((await q.getApiKey(db, actor, made))?.lastUsedAt).toBeInstanceOf(Date);
      expect(await q.findApiKey(db, sha('k2'))).toBeUndefined();
      await db.query("update api_key set expires_at = now() + interval '1 hour' where id = $1::int8", [made]);
      const { leftMs } = (await q.findApiKey(db, sha('k1'))) ?? { leftMs: null };
      expect(leftMs).toBeGreaterThan(3_000_000);
      for (const stranger of [actorOf(uuidv7(), 'operator'), actorOf(maker.id, 'admin', OTHER_TENANT)]) {
        expect(await q.revokeApiKey(db, stranger, made)).toBe(false);
        expect((await q.listApiKeys(db, stranger, { limit: 5 })).items).toEqual([]);
      }
      expect(await q.revokeApiKey(db, actorOf(uuidv7()), made)).toBe(true);
      expect(await q.revokeApiKey(db, actor, made)).toBe(true);
      expect(await q.findApiKey(db, sha('k1'))).toBeUndefined();
      expect(await audited(maker.id)).toEqual(['api-key.created', 'api-key.revoked']);
    });

    it('somebody of a login provider is known by what it calls them, and by their address only where it is theirs', async () => {
      const user = await person('operator');
      const rules = { register: true, tenantId: 1 };
      const told = { issuer: 'https://one.example', subject: 's1', name: 'N', verifiedEmail: user.email.toUpperCase() };
      expect(await q.enterByProvider(db, { ...told, verifiedEmail: null }, rules)).toBeUndefined();
      expect((await q.enterByProvider(db, told, rules))?.id).toBe(user.id);
      // It keeps its password: an administrator gave it, not a stranger.
      expect(await q.findUserById(db, user.id)).toMatchObject({
        passwordHash: 'old',
        emailVerifiedAt: expect.any(Date),
      });
      expect((await q.enterByProvider(db, { ...told, verifiedEmail: null }, rules))?.id).toBe(user.id);
      const elsewhere = { ...told, issuer: 'https://two.example', verifiedEmail: 'new-of-two@example.test' };
      expect(await q.enterByProvider(db, elsewhere, { ...rules, register: false })).toBeUndefined();
      const made = await q.enterByProvider(db, elsewhere, rules);
      expect(made).toMatchObject({ role: 'user', passwordHash: null, email: 'new-of-two@example.test' });
      expect(made?.id).not.toBe(user.id);
      await q.registerUser(db, registration('squat@example.test', 'of a stranger'));
      const owner = { ...told, subject: 's2', verifiedEmail: 'squat@example.test' };
      expect(await q.enterByProvider(db, owner, rules)).toMatchObject({ passwordHash: null, sessionEpoch: 1 });
    });

    it('somebody who comes by a provider twice at once is one person, and gets in both times', async () => {
      const known = await person();
      const told = { issuer: 'https://twice.example', name: 'N' };
      for (const [subject, verifiedEmail] of [
        ['new', 'twice@example.test'],
        ['known', known.email],
      ] as const) {
        const enter = () => q.enterByProvider(db, { ...told, subject, verifiedEmail }, { register: true, tenantId: 1 });
        const ids = (await Promise.all([enter(), enter(), enter()])).map((user) => user?.id);
        expect(new Set(ids).size).toBe(1);
        expect((await audited(String(ids[0]))).filter((action) => action === 'identity.linked')).toHaveLength(1);
      }
    });

    it('a tenant always has somebody to administer it', async () => {
      await db.query("insert into tenant (id, name) values (77, 'of administrators') on conflict do nothing");
      const [a, b] = [await person('admin', 77), await person('admin', 77)];
      const both = await Promise.all([
        q.updatePerson(db, actorOf(a.id, 'admin', 77), b.id, { role: 'user' }),
        q.updatePerson(db, actorOf(b.id, 'admin', 77), a.id, { status: 'blocked' }),
      ]);
      expect(both.sort()).toEqual(['changed', 'last-administrator']);
      expect(await q.updatePerson(db, actorOf(a.id), b.id, { name: 'x' })).toBeUndefined();
      const { items } = await q.listPeople(db, actorOf(a.id, 'admin', 77), { limit: 10 });
      expect(items.map(({ id }) => id)).toEqual([a.id, b.id]);
      const after = await q.listPeople(db, actorOf(a.id, 'admin', 77), { limit: 10, after: a.id });
      expect(after.items.map(({ id }) => id)).toEqual([b.id]);
    });

    it('a key that signs is made once, and its end is set with the start of the next', async () => {
      await db.query('delete from signing_key');
      const rotation = {
        algorithm: 'ES256',
        sealedBy: 's',
        signMs: 1000_000,
        leadMs: 60_000,
        overlapMs: 120_000,
      } as const;
      const make = async () => ({
        id: uuidv7(),
        algorithm: 'ES256' as const,
        publicJwk: { kty: 'EC' },
        keyBox: sha(''),
      });
      const made = await Promise.all([1, 2, 3, 4].map(() => q.rotateSigningKeys(db, rotation, make)));
      expect(made.filter(Boolean)).toHaveLength(1);
      const [first] = await q.listSigningKeys(db, 's');
      expect(await q.listSigningKeys(db, 'another')).toEqual([]);
      expect(first).toMatchObject({ algorithm: 'ES256', signs: true, publicJwk: { kty: 'EC' } });
      await db.query("update signing_key set signs_at = signs_at - interval '1000 s'");
      expect(await q.rotateSigningKeys(db, rotation, make)).toBe(true);
      expect(await q.rotateSigningKeys(db, rotation, make)).toBe(false);
      const both = await q.listSigningKeys(db, 's');
      expect(both.map(({ id, signs }) => [id === first?.id, signs])).toEqual([
        [false, false],
        [true, true],
      ]);
      await db.query("update signing_key set ends_at = now() - interval '1 s' where ends_at is not null");
      expect(await q.listSigningKeys(db, 's')).toHaveLength(1);
      await q.dropOldSigningKeys(db, 1000_000);
      expect(await db.query('select id from signing_key')).toHaveLength(1);
    });

    it('messages wait encrypted, and go when nobody came for them', async () => {
      const user = await person();
      const notice = { tenantId: 1, userId: user.id, kind: 'x', recipient: user.email, contentBox: sha('hidden') };
      await q.addNotification(db, notice);
      await q.dropOldNotifications(db, 8);
      const rows = () => db.query('select id from notification where user_id = $1::uuid', [user.id]);
      expect(await rows()).toHaveLength(1);
      await db.query("update notification set created_at = now() - interval '9 days'");
      await q.dropOldNotifications(db, 8);
      expect(await rows()).toHaveLength(0);
    });
  });
}
