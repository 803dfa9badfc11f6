/** Webhooks as people keep them. */
import { and, desc, eq, getTableColumns, lt, sql } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { webhook } from '../../schema.js';
import { type Actor, inTenant, type Page, page } from '../scope.js';

const { secretBox: _box, oldSecretBox: _old, feedUntil: _feed, ...ROW } = getTableColumns(webhook);

/** A webhook without its secrets. */
export type WebhookRow = Omit<typeof webhook.$inferSelect, 'secretBox' | 'oldSecretBox' | 'feedUntil'>;

export interface NewWebhook {
  readonly url: string;
  readonly description: string | null;
  readonly topics: readonly string[];
  /** Null: of every station. */
  readonly deviceIds: readonly string[] | null;
  readonly maxEvents: number;
  /** As it is kept, encrypted. */
  readonly secretBox: Uint8Array;
  /** The stream it begins at, by its birth, and the last event that it is not told of. */
  readonly streamMade: number;
  readonly cursor: number;
}

const ofActor = (actor: Actor, id: number) => and(inTenant(actor, webhook), eq(webhook.id, id));

/** Undefined where the tenant has `most` already. */
export async function createWebhook(
  db: Database,
  actor: Actor,
  wish: NewWebhook,
  most: number,
): Promise<WebhookRow | undefined> {
  const held = await db.orm.$count(webhook, inTenant(actor, webhook));
  if (held >= most) return undefined;
  const { topics, deviceIds, ...rest } = wish;
  const [made] = await db.orm
    .insert(webhook)
    .values({
      ...rest,
      topics: [...topics],
      deviceIds: deviceIds === null ? null : [...deviceIds],
      tenantId: actor.tenantId,
      createdBy: actor.userId,
    })
    .returning(ROW);
  return made;
}

/** The newest first. */
export async function listWebhooks(
  db: Database,
  actor: Actor,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<Page<WebhookRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(webhook)
    .where(and(inTenant(actor, webhook), before === undefined ? undefined : lt(webhook.id, before)))
    .orderBy(desc(webhook.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export async function getWebhook(db: Database, actor: Actor, id: number): Promise<WebhookRow | undefined> {
  const [row] = await db.orm.select(ROW).from(webhook).where(ofActor(actor, id));
  return row;
}

/** Absent fields stay. */
export interface WebhookPatch {
  readonly url?: string;
  readonly description?: string | null;
  readonly topics?: readonly string[];
  readonly deviceIds?: readonly string[] | null;
  readonly maxEvents?: number;
  readonly state?: 'active' | 'paused';
}

/** To let it go on, or to send it elsewhere, is to hope that it works now: what failed before is forgotten. */
const FRESH = { failures: 0, failingSince: null, closedUntil: null } as const;

export async function updateWebhook(
  db: Database,
  actor: Actor,
  id: number,
  patch: WebhookPatch,
): Promise<WebhookRow | undefined> {
  const { topics, deviceIds, state, ...rest } = patch;
  const [row] = await db.orm
    .update(webhook)
    .set({
      ...rest,
      ...(topics !== undefined && { topics: [...topics] }),
      ...(deviceIds !== undefined && { deviceIds: deviceIds === null ? null : [...deviceIds] }),
      ...(state === 'paused' && { state, reason: 'operator' }),
      ...(state === 'active' && { state, reason: null, ...FRESH }),
      ...(rest.url !== undefined && FRESH),
      updatedAt: sql`now()`,
    })
    .where(ofActor(actor, id))
    .returning(ROW);
  return row;
}

/** With its deliveries. */
export async function deleteWebhook(db: Database, actor: Actor, id: number): Promise<boolean> {
  return (await db.orm.delete(webhook).where(ofActor(actor, id)).returning({ id: webhook.id })).length > 0;
}

/**
 * Signs with a new secret from now on; with the old one too for so long.
 * @param overlapS how long receivers may still check by the old secret, s
 */
export async function rotateWebhookSecret(
  db: Database,
  actor: Actor,
  id: number,
  secretBox: Uint8Array,
  overlapS: number,
): Promise<boolean> {
  const rows = await db.orm
    .update(webhook)
    .set({
      oldSecretBox: sql`${webhook.secretBox}`,
      oldSecretUntil: sql`now() + ${overlapS}::int4 * interval '1 s'`,
      secretBox,
      updatedAt: sql`now()`,
    })
    .where(ofActor(actor, id))
    .returning({ id: webhook.id });
  return rows.length > 0;
}

/** Begins to tell a span again; false where one is told already. */
export async function beginReplay(
  db: Database,
  actor: Actor,
  id: number,
  span: { readonly after: number; readonly until: number },
): Promise<boolean> {
  const rows = await db.orm
    .update(webhook)
    .set({ replayCursor: span.after, replayUntil: span.until, updatedAt: sql`now()` })
    .where(and(ofActor(actor, id), sql`${webhook.replayUntil} is null`))
    .returning({ id: webhook.id });
  return rows.length > 0;
}
