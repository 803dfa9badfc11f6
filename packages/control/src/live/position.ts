/**
 * A place in the stream of events, as clients keep it: the birth of the stream and a sequence. A stream that was made anew
 * counts from one again, so that a sequence alone would lead to events that its holder never saw.
 */
import { z } from '@hono/zod-openapi';

export interface Position {
  /** Of the stream, ms since 1970. */
  readonly made: number;
  readonly sequence: number;
}

export const writePosition = (made: number, sequence: number): string => `${made.toString(36)}-${sequence}`;

const FORM = /^([0-9a-z]{1,11})-(\d{1,15})$/;

/** Undefined where it is none. */
export function readPosition(text: string): Position | undefined {
  const [, made, sequence] = FORM.exec(text) ?? [];
  if (made === undefined || sequence === undefined) return undefined;
  return { made: Number.parseInt(made, 36), sequence: Number(sequence) };
}

export const PositionText = z
  .string()
  .regex(FORM, 'must be a position that was told with an event')
  .openapi({ description: 'A place in the stream of events, as it was told.', example: 'mhk2w3v4-1042' });
