/** The one file of a form (RFC 7578), as it streams in: chargers that upload by POST send their log as such. */
import { ProblemError } from '../problem.js';

const MAX_HEAD = 16 * 1024;
/** RFC 2046 section 5.1.1. */
const BOUNDARY = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s";]{1,70}))/i;

/** The boundary of a form's content type; undefined where it is no form. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const found = BOUNDARY.exec(contentType);
  if (found === null) throw malformed('no boundary');
  return found[1] ?? found[2];
}

const malformed = (message: string): ProblemError =>
  new ProblemError('validation', { errors: [{ field: '', message: `the form cannot be read: ${message}` }] });

/**
 * The bytes of the first part that is a file; the others are passed over.
 * @param onName its name, before its first byte
 * @throws {ProblemError} `validation` where there is none, or the form breaks off
 */
export async function* filePart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  onName: (name: string) => void,
): AsyncGenerator<Uint8Array> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const source = body[Symbol.asyncIterator]();
  // As if a line had ended before the first delimiter, so that it looks like the others.
  let held: Buffer = Buffer.from('\r\n');
  const more = async (): Promise<void> => {
    const next = await source.next();
    if (next.done === true) throw malformed('it breaks off');
    held = Buffer.concat([held, next.value]);
  };
  /** Drops everything up to and with the next delimiter, giving out what it drops. */
  const upToDelimiter = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = held.indexOf(delimiter);
      const known = at >= 0 ? at : Math.max(0, held.length - delimiter.length + 1);
      if (known > 0) yield held.subarray(0, known);
      held = held.subarray(at >= 0 ? at + delimiter.length : known);
      if (at >= 0) return;
      await more();
    }
  };
  const drop = async (): Promise<void> => {
    for await (const _ of upToDelimiter());
  };

  await drop();
  for (;;) {
    while (held.length < 2) await more();
    if (held.toString('latin1', 0, 2) === '--') throw malformed('it holds no file');
    let end = held.indexOf('\r\n\r\n');
    while (end < 0) {
      if (held.length > MAX_HEAD) throw malformed('a head too long');
      await more();
      end = held.indexOf('\r\n\r\n');
    }
    const head = held.toString('utf8', 0, end);
    held = held.subarray(end + 4);
    const name = fileNameOf(head);
    if (name === undefined) {
      await drop();
      continue;
    }
    onName(name);
    yield* upToDelimiter();
    // The rest is read and dropped, so that the charger can end what it says.
    for (let next = await source.next(); next.done !== true; next = await source.next());
    return;
  }
}

/** Undefined where the part is no file. */
function fileNameOf(head: string): string | undefined {
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
  const found = /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(disposition);
  if (found !== null) return (found[1] ?? found[2] ?? '').replace(/\\(.)/g, '$1');
  return /^content-type:\s*application\/octet-stream/im.test(head) ? '' : undefined;
}
