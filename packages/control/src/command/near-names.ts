/** Names like the one that was meant. */

/** How many letters differ, counted no further than `most`. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let line = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (line[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (line[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    line = next;
  }
  return line[b.length] ?? 0;
}

/** Up to five of `names` that are near `name`, the nearest first. */
export function nearNames(name: string, names: readonly string[]): string[] {
  const wanted = name.slice(0, 64).toLowerCase();
  const most = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((candidate) => {
      const other = candidate.toLowerCase();
      const part = wanted.length >= 4 && (other.includes(wanted) || wanted.includes(other));
      return { candidate, score: part ? 1 : distance(wanted, other, most) };
    })
    .filter(({ score }) => score <= most)
    .sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 5)
    .map(({ candidate }) => candidate);
}
