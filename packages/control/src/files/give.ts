/** Gives a file out of the database, a piece at a time, whole or from where a download broke off (RFC 9110 section 14). */
import { CHUNK_BYTES, type Database, readChunk } from '@sigec/store';
import type { Context } from 'hono';
import type { AppEnv } from '../context.js';
import { stillServed } from '../guard/tenant.js';

export interface Given {
  readonly file: number;
  readonly sizeBytes: number;
  readonly fileName: string;
}

interface Range {
  readonly from: number;
  /** Of the last byte. */
  readonly to: number;
}

/** Nothing that a shell, a header or another system's paths could take for more than a name. */
export function cleanName(text: string | undefined, otherwise: string): string {
  const name = (text ?? '')
    .split(/[/\\]/)
    .at(-1)
    ?.replace(/[\p{Cc}<>:"|?*]/gu, '')
    .replace(/^\.+/, '')
    .trim()
    .slice(0, 200);
  return name === undefined || name === '' ? otherwise : name;
}

/** A range of one part; null where it leads past the end; undefined where none was asked for that we know. */
function rangeOf(header: string | undefined, size: number): Range | null | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = found ?? [];
  if (found === null || (first === '' && last === '')) return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from > to ? null : { from, to };
}

/** As a download that no browser shows or runs. */
export function giveFile(c: Context<AppEnv>, db: Database, given: Given): Response {
  const { file, sizeBytes, fileName } = given;
  const ascii = fileName.replace(/[^ -~]|["\\%]/g, '_');
  const exact = encodeURIComponent(fileName).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${ascii}"; filename*=UTF-8''${exact}`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    'accept-ranges': 'bytes',
  };
  const range = rangeOf(c.req.header('range'), sizeBytes);
  if (range === null)
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${sizeBytes}` } });
  const { from, to } = range ?? { from: 0, to: sizeBytes - 1 };
  const length = { 'content-length': String(to - from + 1) };
  const part: Record<string, string> =
    range === undefined ? {} : { 'content-range': `bytes ${from}-${to}/${sizeBytes}` };
  const status = range === undefined ? 200 : 206;
  return new Response(pieces(db, file, from, to), { status, headers: { ...headers, ...length, ...part } });
}

function pieces(db: Database, file: number, from: number, to: number): ReadableStream<Uint8Array> {
  let at = from;
  return new ReadableStream<Uint8Array>({
    pull: stillServed(async (controller) => {
      const seq = Math.floor(at / CHUNK_BYTES);
      const start = seq * CHUNK_BYTES;
      const bytes = await readChunk(db, file, seq);
      // Removed while it is read: a download that breaks off is seen to be short.
      if (bytes === undefined) return controller.error(new Error('file is gone'));
      const piece = bytes.subarray(at - start, to + 1 - start);
      controller.enqueue(new Uint8Array(piece));
      at += piece.length;
      if (at > to) controller.close();
    }),
  });
}
