/** Pages of commands, as every list of them answers. */
import { type CommandFilter, listCommands } from '@sigec/store';
import type { Context } from 'hono';
import type { AppEnv, Services } from '../context.js';
import { answer } from '../http/answer.js';
import * as wire from '../wire/command-queue.js';
import { DEFAULT_LIMIT } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';

/** A page of commands; each list has cursors of its own. */
export async function answerCommands(
  c: Context<AppEnv>,
  { db }: Services,
  kind: string,
  filter: Omit<CommandFilter, 'limit' | 'before'>,
  { cursor, limit = DEFAULT_LIMIT }: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
) {
  const before = readIdCursor(kind, cursor);
  const page = await listCommands(db, c.get('actor'), {
    ...filter,
    limit,
    ...(before === undefined ? {} : { before }),
  });
  return answer(
    c,
    listAnswer(page, kind, ({ id }) => [id], wire.toCommand),
    200,
  );
}
