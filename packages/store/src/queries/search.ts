/** How what people type finds stations: every word of it, in whatever case and with or without accents. */
import { type SQL, sql } from 'drizzle-orm';
import { station } from '../schema.js';

/** More than anybody types to find a charger. */
const MAX_WORDS = 8;
/** Letters that the index knows a text by (pg_trgm). */
const LEAST = 3;

const escaped = (word: string): string => word.replace(/[\\%_]/g, '\\$&');
const unmarked = (text: string): string => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '');

/** A pattern of LIKE that any text with this in it fits. */
export const containing = (text: string): string => `%${escaped(text)}%`;

function patternsOf(word: string): string[] {
  const runs = unmarked(word).match(/[\p{L}\p{N}]+/gu) ?? [];
  if (runs.length === 0) return [];
  const exact = containing(word);
  if (runs.some((run) => [...run].length >= LEAST)) return [exact];
  // Too short for the index anywhere within a word, but known to it by the space before.
  const begins = `% ${runs.join(' ')}%`;
  return runs[0] === unmarked(word) ? [begins] : [begins, exact];
}

/**
 * Patterns of LIKE for `station_search.words`, all of which must hold once they are folded; none where nothing can be found.
 * A word of three letters and more is found anywhere, a shorter one at the beginning of a word: so each has the index.
 */
export function searchPatterns(q: string): string[] {
  return q.trim().split(/\s+/).slice(0, MAX_WORDS).flatMap(patternsOf);
}

/** That a station is found by what was typed. */
export function foundBy(q: string): SQL {
  const patterns = searchPatterns(q);
  if (patterns.length === 0) return sql`false`;
  const each = patterns.map((pattern) => sql`f.words like sigec_folded(${pattern}::text)`);
  // Found first, and whole: a plan that walks all stations until a page is full would look cheaper than it is.
  return sql`${station.id} in (with found as materialized (
    select f.station_id from station_search f where ${sql.join(each, sql` and `)}) select station_id from found)`;
}
