/** The room of the page's files: notes read, `docs/performance.md` and its pictures written, pictures of before removed. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readData } from './data.js';
import { renderPage } from './page.js';

const ROOT = new URL('../../../', import.meta.url);
const NOTES = new URL('bench/notes/', ROOT);
const PAGE = new URL('docs/performance.md', ROOT);
const PICTURES = new URL('docs/performance/', ROOT);

/** By section; a first line that is a heading is for who reads the file alone, and is left out. */
function readNotes(): Record<string, string> {
  const names = readdirSync(NOTES).filter((name) => name.endsWith('.md'));
  return Object.fromEntries(
    names.map((name) => [
      name.slice(0, -'.md'.length),
      readFileSync(new URL(name, NOTES), 'utf8')
        .replace(/^# .*\n+/, '')
        .trim(),
    ]),
  );
}

/** Writes all; tells what, from the root of the repository. */
export function writeReport(): string[] {
  const { text, pictures } = renderPage(readData(readNotes()));
  mkdirSync(PICTURES, { recursive: true });
  for (const name of readdirSync(PICTURES)) if (name.endsWith('.svg')) rmSync(new URL(name, PICTURES));
  for (const [name, picture] of pictures) writeFileSync(new URL(`${name}.svg`, PICTURES), picture);
  writeFileSync(PAGE, text);
  return ['docs/performance.md', `docs/performance/ (${pictures.size} pictures)`];
}
