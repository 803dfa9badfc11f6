/** Whether uWebSockets.js' binary can run here, said plainly before it fails with a loader's words. */

/** The oldest glibc that the binary of each Node line was linked against. */
const NEEDED: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  '20': [2, 27],
  '22': [2, 38],
  '24': [2, 38],
};

/** @returns why not, or undefined where it can */
export function nativeProblem(node: string, glibc: string | undefined): string | undefined {
  const line = node.split('.')[0] ?? '';
  const needed = NEEDED[line];
  if (needed === undefined) return `Node ${node}: uWebSockets.js has binaries for Node 20, 22 and 24 only.`;
  if (glibc === undefined) return 'No glibc here (musl?): uWebSockets.js needs a glibc Linux, e.g. Debian or Ubuntu.';
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return undefined;
  return (
    `glibc ${glibc} is too old: under Node ${line} uWebSockets.js needs ${needed.join('.')} or newer ` +
    '(Debian 13, Ubuntu 24.04). Under Node 20 it runs from 2.27 on.'
  );
}

/** @throws {Error} with a sentence that says what to change */
export function checkNative(): void {
  if (process.platform !== 'linux') return;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const problem = nativeProblem(process.versions.node, report.header?.glibcVersionRuntime);
  if (problem !== undefined) throw new Error(problem);
}
