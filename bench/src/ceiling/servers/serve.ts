/** The room of what every server of the comparison does beside answering: say its port, say its CPU, end with its parent. */

/** From the parent: what has this process used so far? */
export interface Asked {
  readonly ask: 'cpu';
}

export type Told = { readonly port: number } | { readonly cpuSeconds: number };

const tell = (told: Told) => process.send?.(told);

/** Runs a server as a child process. `start` resolves with the port that it takes connections on. */
export function serve(start: () => Promise<number> | number): void {
  // Ctrl-C is for the parent, which ends this in order; where the parent is gone, nobody needs it.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ ask }: Asked) => {
    const { user, system } = process.cpuUsage();
    if (ask === 'cpu') tell({ cpuSeconds: (user + system) / 1e6 });
  });
  void Promise.resolve(start()).then((port) => tell({ port }));
}
