/** The room of plots: lines over seconds, as SVG that needs nothing from outside. */

export interface Line {
  readonly name: string;
  /** Null leaves a gap. */
  readonly values: readonly (number | null)[];
}

/** A moment that has a name. */
export interface Mark {
  readonly second: number;
  readonly label: string;
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly seconds: readonly number[];
  readonly lines: readonly Line[];
  readonly timeLabel: string;
  readonly format: (value: number) => string;
  readonly marks?: readonly Mark[] | undefined;
}

const WIDTH = 820;
const HEIGHT = 240;
const LEFT = 64;
const RIGHT = 14;
const TOP = 30;
const BOTTOM = 34;
const GRID = 4;
/** More points than these cannot be told apart; the highest of each group is drawn. */
const MAX_POINTS = 600;
const COLOURS = ['#1463c4', '#c2410c', '#15803d', '#7e22ce', '#b91c1c', '#0e7490', '#a16207', '#475569'];

export function escapeText(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (char) => names[char] ?? char);
}

/** 1, 2 or 5 times a power of ten, at or above the value. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const factor of [1, 2, 5]) if (value <= factor * power * (1 + 1e-9)) return factor * power;
  return 10 * power;
}

/** One plot. */
export function plot({ title, unit, seconds, lines, timeLabel, format, marks = [] }: Plot): string {
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const top = niceCeiling(known.reduce((max, value) => Math.max(max, value), 0));
  const [first, last] = [seconds[0] ?? 0, seconds.at(-1) ?? 1];
  const x = (second: number) => LEFT + ((second - first) / Math.max(last - first, 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const parts = [`<text x="${LEFT}" y="16" class="t">${escapeText(title)} (${escapeText(unit)})</text>`];
  for (let k = 0; k <= GRID; k++) {
    const value = (top * k) / GRID;
    const at = y(value).toFixed(1);
    parts.push(`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" class="g"/>`);
    parts.push(`<text x="${LEFT - 6}" y="${(y(value) + 4).toFixed(1)}" class="a e">${format(value)}</text>`);
    const second = Math.round(first + ((last - first) * k) / GRID);
    parts.push(`<text x="${x(second).toFixed(1)}" y="${HEIGHT - 16}" class="a m">${second}</text>`);
  }
  parts.push(`<text x="${WIDTH - RIGHT}" y="${HEIGHT - 2}" class="a e">${escapeText(timeLabel)}</text>`);
  for (const { second, label } of marks) {
    const at = x(Math.min(Math.max(second, first), last)).toFixed(1);
    parts.push(`<line x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" class="k"/>`);
    const turned = `transform="rotate(-90 ${at} ${TOP})"`;
    parts.push(`<text x="${at}" y="${TOP}" dy="10" class="a e" ${turned}>${escapeText(label)}</text>`);
  }
  let legend = WIDTH - RIGHT;
  for (const [k, line] of [...lines.entries()].reverse()) {
    const colour = COLOURS[k % COLOURS.length]!;
    parts.push(`<path d="${path(seconds, line.values, x, y)}" stroke="${colour}" class="l"/>`);
    parts.push(`<text x="${legend}" y="16" class="a e" style="fill:${colour}">${escapeText(line.name)}</text>`);
    legend -= line.name.length * 6.6 + 14;
  }
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(title)}">${parts.join('')}</svg>`;
}

function path(
  seconds: readonly number[],
  values: readonly (number | null)[],
  x: (second: number) => number,
  y: (value: number) => number,
): string {
  const group = Math.max(1, Math.ceil(values.length / MAX_POINTS));
  let d = '';
  let pen = 'M';
  for (let i = 0; i < values.length; i += group) {
    const part = values.slice(i, i + group).filter((value) => value !== null);
    if (part.length === 0) {
      pen = 'M';
      continue;
    }
    d += `${pen}${x(seconds[i] ?? 0).toFixed(1)} ${y(Math.max(...part)).toFixed(1)}`;
    pen = 'L';
  }
  return d;
}
