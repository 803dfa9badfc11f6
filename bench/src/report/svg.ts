/** The room of plots: pictures that need nothing from outside, readable on a light and on a dark page. */

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Drawn as a thin line over the bar. */
  readonly range?: readonly [number, number];
  /** Said at its end. */
  readonly label: string;
}

export interface Stack {
  readonly name: string;
  readonly parts: Readonly<Record<string, number>>;
}

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

const WIDTH = 860;
const LEFT = 330;
const RIGHT = 90;
const ROW = 26;
const BAR = 15;
const TOP = 46;
const PLOT = 200;
const MAX_POINTS = 400;
const COLOURS = ['#1463c4', '#c2410c', '#15803d', '#7e22ce', '#b91c1c', '#0e7490', '#a16207', '#475569', '#be185d'];
/** The same group has the same colour in every picture. */
const GROUPS = ['client', 'server', 'edge', 'worker', 'nats', 'postgres', 'redis', 'control'];

export function escapeText(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (char) => names[char] ?? char);
}

const n = (value: number) => value.toFixed(1).replace(/\.0$/, '');

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${n(x)}" y="${n(y)}" ${more}>${escapeText(words)}</text>`;
}

function page(title: string, height: number, body: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeText(title)}" font-family="system-ui, sans-serif" font-size="12" fill="#1e293b">`;
  const ground = `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`;
  return `${[head, ground, text(16, 24, title, 'font-size="14" font-weight="600"'), ...body, '</svg>'].join('\n')}\n`;
}

/** Horizontal bars. @param mark a value that is asked for, drawn as a line through all */
export function bars(title: string, all: readonly Bar[], mark?: { value: number; name: string }): string {
  const top = Math.max(mark?.value ?? 0, ...all.map(({ value, range }) => Math.max(value, range?.[1] ?? 0))) || 1;
  const x = (value: number) => LEFT + (value / top) * (WIDTH - LEFT - RIGHT);
  const body = all.flatMap(({ name, value, range, label }, k) => {
    const y = TOP + k * ROW;
    const middle = y + BAR / 2;
    return [
      text(LEFT - 8, y + 12, name, 'text-anchor="end"'),
      `<rect x="${LEFT}" y="${y}" width="${n(Math.max(0, x(value) - LEFT))}" height="${BAR}" fill="${COLOURS[0]}"/>`,
      range === undefined
        ? ''
        : `<path d="M${n(x(range[0]))} ${middle}H${n(x(range[1]))}" stroke="#f59e0b" stroke-width="3"/>`,
      text(Math.max(x(value), x(range?.[1] ?? 0)) + 6, y + 12, label),
    ];
  });
  const bottom = TOP + all.length * ROW;
  if (mark !== undefined) {
    const at = n(x(mark.value));
    body.push(`<path d="M${at} ${TOP - 8}V${bottom}" stroke="#b91c1c" stroke-dasharray="4 3"/>`);
    body.push(text(x(mark.value), TOP - 12, mark.name, 'text-anchor="middle" fill="#b91c1c"'));
  }
  return page(title, bottom + 14, body);
}

function legend(names: readonly string[], colour: (name: string) => string): string[] {
  let x = WIDTH - 16;
  return [...names].reverse().flatMap((name) => {
    const words = text(x, 24, name, 'text-anchor="end"');
    x -= name.length * 7 + 8;
    const box = `<rect x="${n(x - 6)}" y="15" width="10" height="10" fill="${colour(name)}"/>`;
    x -= 20;
    return [words, box];
  });
}

function colours(names: readonly string[]): (name: string) => string {
  const others = names.filter((name) => !GROUPS.includes(name));
  const order = [...GROUPS, ...others];
  return (name) => COLOURS[Math.min(order.indexOf(name), COLOURS.length - 1)] ?? COLOURS[0]!;
}

/** Horizontal bars of parts, one after the other. */
export function stacks(title: string, all: readonly Stack[], unit: string): string {
  const place = (name: string) => (GROUPS.includes(name) ? GROUPS.indexOf(name) : GROUPS.length);
  const names = [...new Set(all.flatMap(({ parts }) => Object.keys(parts)))].sort((a, b) => place(a) - place(b));
  const colour = colours(names);
  const sum = (parts: Stack['parts']) => Object.values(parts).reduce((total, value) => total + value, 0);
  const top = Math.max(...all.map(({ parts }) => sum(parts)), 0) || 1;
  const scale = (WIDTH - LEFT - RIGHT) / top;
  const body = all.flatMap(({ name, parts }, k) => {
    const y = TOP + k * ROW;
    let x = LEFT;
    const pieces = names.map((part) => {
      const width = (parts[part] ?? 0) * scale;
      const piece = `<rect x="${n(x)}" y="${y}" width="${n(width)}" height="${BAR}" fill="${colour(part)}"><title>${escapeText(part)} ${n(parts[part] ?? 0)} ${escapeText(unit)}</title></rect>`;
      x += width;
      return piece;
    });
    return [
      text(LEFT - 8, y + 12, name, 'text-anchor="end"'),
      ...pieces,
      text(x + 6, y + 12, `${n(sum(parts))} ${unit}`),
    ];
  });
  // The legend has the line of the title to itself where both would not fit.
  const roomy = title.length * 8 + names.join('').length * 7 + names.length * 28 < WIDTH;
  const key = roomy
    ? legend(names, colour)
    : [`<g transform="translate(0 ${TOP + all.length * ROW - 10})">`, ...legend(names, colour), '</g>'];
  return page(title, TOP + all.length * ROW + (roomy ? 14 : 34), [...body, ...key]);
}

/** Lines over seconds. */
export function lines(
  title: string,
  seconds: readonly number[],
  all: readonly Line[],
  show: (value: number) => string,
): string {
  const [left, right, bottom] = [70, 16, TOP + PLOT];
  const top = Math.max(...all.flatMap(({ values }) => values.map((value) => value ?? 0)), 0) || 1;
  const [from, to] = [seconds[0] ?? 0, seconds.at(-1) ?? 1];
  const x = (second: number) => left + ((second - from) / Math.max(to - from, 1)) * (WIDTH - left - right);
  const y = (value: number) => bottom - (value / top) * PLOT;
  const colour = colours(all.map(({ name }) => name));
  const step = Math.max(1, Math.ceil(seconds.length / MAX_POINTS));
  const grid = [0, 1, 2, 3, 4].flatMap((k) => {
    const value = (top * k) / 4;
    const second = Math.round(from + ((to - from) * k) / 4);
    return [
      `<path d="M${left} ${n(y(value))}H${WIDTH - right}" stroke="#e2e8f0"/>`,
      text(left - 6, y(value) + 4, show(value), 'text-anchor="end"'),
      text(x(second), bottom + 18, `${second} s`, k === 4 ? 'text-anchor="end"' : 'text-anchor="middle"'),
    ];
  });
  const curves = all.map(({ name, values }) => {
    let pen = 'M';
    const points = values.flatMap((value, k) => {
      if (value === null || k % step !== 0) {
        if (value === null) pen = 'M';
        return [];
      }
      const point = `${pen}${n(x(seconds[k] ?? from))} ${n(y(value))}`;
      pen = 'L';
      return [point];
    });
    return `<path d="${points.join('')}" fill="none" stroke="${colour(name)}" stroke-width="1.5"/>`;
  });
  return page(title, bottom + 30, [
    ...grid,
    ...curves,
    ...legend(
      all.map(({ name }) => name),
      colour,
    ),
  ]);
}
