/** Tables of people's accounts: proofs, messages, keys, and who changed what. */
import { bigint, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, changed, id, made, time } from './columns.js';

const tenantId = () => integer('tenant_id').notNull();
const userId = () => uuid('user_id').notNull();

export const accountToken = pgTable('account_token', {
  id: id(),
  tenantId: tenantId(),
  userId: userId(),
  purpose: text('purpose', { enum: ['verify', 'reset', 'erase'] }).notNull(),
  /** SHA-256. */
  tokenHash: bytea('token_hash').notNull(),
  /** The address that it proves. */
  email: text('email').notNull(),
  expiresAt: time('expires_at').notNull(),
  createdAt: made(),
});

export const notification = pgTable('notification', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id'),
  kind: text('kind').notNull(),
  channel: text('channel', { enum: ['email'] })
    .notNull()
    .default('email'),
  recipient: text('recipient').notNull(),
  /** Encrypted (control, `sealed.ts`). */
  contentBox: bytea('content_box').notNull(),
  sentAt: time('sent_at'),
  createdAt: made(),
});

export const signingKey = pgTable('signing_key', {
  id: text('id').primaryKey(),
  algorithm: text('algorithm', { enum: ['ES256', 'EdDSA'] }).notNull(),
  publicJwk: jsonb('public_jwk').$type<Readonly<Record<string, string>>>().notNull(),
  /** Encrypted (control, `sealed.ts`). */
  keyBox: bytea('key_box').notNull(),
  /** Names the secret that it is encrypted under. */
  sealedBy: text('sealed_by').notNull(),
  signsAt: time('signs_at').notNull(),
  /** No token of it is alive after; null while it is the newest. */
  endsAt: time('ends_at'),
  createdAt: made(),
});

export const externalIdentity = pgTable('external_identity', {
  id: id(),
  tenantId: tenantId(),
  userId: userId(),
  issuer: text('issuer').notNull(),
  subject: text('subject').notNull(),
  createdAt: made(),
});

export const apiKey = pgTable('api_key', {
  id: id(),
  tenantId: tenantId(),
  /** Who made it. */
  userId: userId(),
  name: text('name').notNull(),
  /** How it begins. */
  hint: text('hint').notNull(),
  /** SHA-256. */
  keyHash: bytea('key_hash').notNull(),
  scopes: text('scopes').array().notNull(),
  expiresAt: time('expires_at'),
  lastUsedAt: time('last_used_at'),
  revokedAt: time('revoked_at'),
  createdAt: made(),
});

/** At a site or at a group: one of the two. */
export const stationGrant = pgTable('station_grant', {
  id: id(),
  tenantId: tenantId(),
  userId: userId(),
  siteId: bigint('site_id', { mode: 'number' }),
  groupId: bigint('group_id', { mode: 'number' }),
  /** The name of a set of permissions, which control knows. */
  permissionSet: text('permission_set').notNull(),
  createdAt: made(),
  updatedAt: changed(),
});

export const secondFactor = pgTable('second_factor', {
  userId: uuid('user_id').primaryKey(),
  tenantId: tenantId(),
  /** Encrypted (control, `sealed.ts`). */
  secretBox: bytea('secret_box').notNull(),
  confirmedAt: time('confirmed_at'),
  /** Of the last code that was taken, in steps of 30 s since 1970. */
  lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
  createdAt: made(),
});

export const recoveryCode = pgTable(
  'recovery_code',
  { userId: userId(), codeHash: bytea('code_hash').notNull() },
  (t) => [primaryKey({ columns: [t.userId, t.codeHash] })],
);

export const auditEntry = pgTable('audit_entry', {
  id: id(),
  tenantId: tenantId(),
  actorId: uuid('actor_id'),
  action: text('action').notNull(),
  userId: uuid('user_id'),
  detail: jsonb('detail').$type<Readonly<Record<string, unknown>>>().notNull().default({}),
  at: time('at').notNull().defaultNow(),
});
