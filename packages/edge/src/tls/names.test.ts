/** The names of a certificate, out of Node's rendering of them. */
import { expect, it } from 'vitest';
import { namesOf } from './names.js';

it.each([
  ['DNS:CP1, URI:urn:x', ['urn:x', 'CP1']],
  ['IP Address:10.0.0.1, DNS:CP1', ['CP1']],
  ['URI:"x, DNS:CP1"', []],
  ['DNS:CP1, URI:"x', []],
  ['othername:<unsupported>, DNS:CP1', ['CP1']],
])('%s names %j', (subjectaltname, names) => {
  const found = namesOf({ subject: { CN: 'serial' }, subjectaltname } as never);
  expect([...found].sort()).toEqual(['serial', ...names].sort());
});
