/** What clients of live updates say, and how it is checked. */
import { z } from '@hono/zod-openapi';
import { PositionText, readPosition } from '../live/position.js';
import { TOPICS } from '../live/topics.js';
import { ID } from './common.js';

const MAX_DEVICES = 500;
const MAX_SITES = 50;
/** Stations whose OCPP messages one subscription watches. */
const MAX_MESSAGES = 20;

export const TopicName = z.enum(TOPICS).openapi('LiveTopic');
const Topics = z.array(TopicName).min(1, 'must name a topic').max(TOPICS.length);
export const DeviceIds = z.array(z.string().regex(ID, 'must be ids of devices')).min(1).max(MAX_DEVICES);
const SiteIds = z.array(z.string().min(1).max(200)).min(1).max(MAX_SITES);

const After = PositionText.transform((text) => readPosition(text));

interface Narrowed {
  readonly topics: readonly (typeof TOPICS)[number][];
  readonly device_ids?: readonly string[] | undefined;
}

/** OCPP messages are those of stations that are named, and not of many. */
function messagesAreNarrow({ topics, device_ids }: Narrowed, issues: z.core.ParsePayload['issues']): void {
  if (!topics.includes('messages')) return;
  if (device_ids !== undefined && device_ids.length <= MAX_MESSAGES) return;
  issues.push({
    code: 'custom',
    path: ['device_ids'],
    input: undefined,
    message: `must name 1 to ${MAX_MESSAGES} devices for the topic messages`,
  });
}

export const SubscribeMessage = z
  .strictObject({
    type: z.literal('subscribe'),
    id: z.string().min(1).max(64),
    topics: Topics,
    device_ids: DeviceIds.optional(),
    site_ids: SiteIds.optional(),
    after: After.optional(),
  })
  .check(({ value, issues }) => messagesAreNarrow(value, issues));

export const ClientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auth'), token: z.string().min(1).max(4096) }),
  SubscribeMessage,
  z.strictObject({ type: z.literal('unsubscribe'), id: z.string().min(1).max(64) }),
  z.strictObject({ type: z.literal('ping') }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** What stands between the commas of a query parameter. */
const parts = (text: string): string[] => text.split(',').map((part) => part.trim());

export const StreamQuery = z
  .strictObject({
    topics: z
      .string()
      .max(200)
      .transform(parts)
      .pipe(Topics)
      .openapi({
        type: 'string',
        description: `Topics, by commas: ${TOPICS.join(', ')}.`,
        example: 'stations,transactions',
      }),
    device_ids: z.string().max(9_000).transform(parts).pipe(DeviceIds).optional().openapi({
      type: 'string',
      description: 'Only of these devices, by commas.',
      example: '41,42',
    }),
    site_ids: z.string().max(9_000).transform(parts).pipe(SiteIds).optional().openapi({
      type: 'string',
      description: 'Only of devices at these sites, by commas.',
    }),
    after: After.optional().openapi({
      type: 'string',
      description: 'Where to resume, for clients that cannot send Last-Event-ID.',
    }),
    seconds: z
      .string()
      .regex(/^\d{1,5}$/, 'must be a whole number of seconds')
      .transform(Number)
      .optional()
      .openapi({ type: 'integer', description: 'The answer ends after so long; 0: with what was missed.' }),
  })
  .check(({ value, issues }) => messagesAreNarrow(value, issues));
