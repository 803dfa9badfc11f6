import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDevices } from './devices.js';
import { MAX_ROWS, readTable, writeLine } from './table.js';

const COLUMNS = new Set(['a', 'b']);

describe('a table', () => {
  it('comes back as it was written', () => {
    const cell = fc
      .string({ unit: fc.constantFrom(...'aé,;"\n\r=+-@\'%\t 1'), maxLength: 12 })
      // White space around a cell is of the file, not of the cell; and a file has one kind of line ends.
      .map((text) => text.trim().replaceAll('\r', ''))
      // A quote before what looks like a formula is taken for ours.
      .filter((text) => !/^'[=+\-@\t\r]/.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
        const text = writeLine(['a', 'b']) + rows.map((row) => writeLine(row)).join('');
        const read = readTable(text, COLUMNS, 'a');
        expect(read.errors).toEqual([]);
        const filled = rows.map(([a, b]) => ({ ...(a === '' ? {} : { a }), ...(b === '' ? {} : { b }) }));
        expect(read.rows.map(({ cells }) => cells)).toEqual(filled);
      }),
    );
  });

  it('gives nothing to a spreadsheet that it would reckon', () => {
    expect(writeLine(['=1+1', '@x', '-2', -2, 'a', null, true])).toBe("'=1+1,'@x,'-2,-2,a,,true\r\n");
  });

  it('is read with semicolons, a mark of its bytes, and lines of any end', () => {
    const { rows, errors } = readTable('\ufeffA;B\r\n1;"x\ny"\r\n\r\n2;\r\n', COLUMNS, 'a');
    expect(errors).toEqual([]);
    expect(rows).toEqual([
      { line: 3, cells: { a: '1', b: 'x\ny' } },
      { line: 5, cells: { a: '2' } },
    ]);
  });

  it.each([
    ['without a head', '', ['1 a: is missing']],
    ['with a column of its own', 'b,c\n', ['1 a: is missing', '1 c: is not a column']],
    ['with a column twice', 'a,a\n', ['1 a: is there twice']],
    [
      'with rows of another length',
      'a,b\n1\n1,2,3\n',
      ['2 : has 1 cells, and the head 2', '3 : has 3 cells, and the head 2'],
    ],
    ['with a quote that does not end', 'a,b\n1,"2\n', [expect.stringMatching(/^\d : .*quote/)]],
    ['with a long cell', `a,b\n1,${'x'.repeat(2001)}\n`, ['2 b: is over 2000 characters']],
    ['with what cannot be kept', 'a,b\n1,2\u00003\n', ['2 b: must be valid Unicode without U+0000']],
    ['of too many rows', `a\n${'1\n'.repeat(MAX_ROWS + 1)}`, [`${MAX_ROWS + 2} : is over ${MAX_ROWS} rows`]],
  ])('%s says what is wrong, and where', (_, text, errors) => {
    const found = readTable(text, COLUMNS, 'a').errors;
    expect(found.map(({ line, field, message }) => `${line} ${field}: ${message}`)).toEqual(errors);
  });

  it('never throws, whatever the file', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab,;"\n\r \\\u0000é'), maxLength: 40 }), (text) => {
        readTable(`a,b\n${text}`, COLUMNS, 'a');
        readDevices(text);
      }),
    );
  });
});

describe('devices of a table', () => {
  it('are read as a spreadsheet of Brazil saves them', () => {
    const { devices, errors } = readDevices(
      'identity;lat;lng;published\r\nA;-23,5614;-46,6559;VERDADEIRO\r\nB;;;Falso\r\nC;1,2,3;1;sim\r\n',
    );
    expect(devices.map(({ device: { location, published } }) => [location?.lat, location?.lng, published])).toEqual([
      [-23.5614, -46.6559, true],
      [undefined, undefined, false],
    ]);
    expect(errors.map(({ line, field }) => `${line} ${field}`)).toEqual(['4 lat', '4 published']);
  });

  it('are checked as requests are, line by line', () => {
    const { devices, errors } = readDevices(
      [
        'identity,name,site,lat,lng,security_profile,published,groups,vendor,password',
        'A,Um,Pátio,-23.5,-46.6,2,true,Norte | Sul,ABB,',
        'B,,,91,0,x,,,,',
        'a/b,,,1,,,maybe,,,short',
        'A,,,,,,,,,',
        `,,,,,,,${'g|'.repeat(21)},,`,
      ].join('\n'),
    );
    expect(devices).toEqual([
      {
        line: 2,
        groups: ['Norte', 'Sul'],
        device: {
          ...{ identity: 'A', name: 'Um', security_profile: 2, published: true },
          location: { site: 'Pátio', lat: -23.5, lng: -46.6 },
        },
      },
    ]);
    expect(errors.map(({ line, field }) => `${line} ${field}`)).toEqual([
      ...['3 lat', '3 security_profile'],
      ...['4 identity', '4 lat', '4 published', '4 password'],
      ...['5 identity', '6 groups', '6 identity'],
    ]);
  });
});
