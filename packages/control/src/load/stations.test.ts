import type { StationDetail, StationKey } from '@sigec/store';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../problem.js';
import { type ReadStations, StationLoader } from './stations.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const tenant = (tenantId: number) => ({ tenantId });
const found = ({ tenantId, id }: StationKey) => ({ tenantId, id, identity: `${tenantId}/${id}` }) as StationDetail;

/** Answers only when told to, and remembers what it was asked. */
function held() {
  const batches: { keys: StationKey[]; answer: () => void }[] = [];
  const read: ReadStations<StationDetail> = (keys) =>
    new Promise((resolve) => {
      batches.push({
        keys: keys.map(({ tenantId, id }) => ({ tenantId, id })),
        answer: () => resolve(keys.map(found)),
      });
    });
  return { batches, loader: new StationLoader(read) };
}

describe('StationLoader', () => {
  it('reads what one turn asks for in one statement, and gives each its own', async () => {
    const { batches, loader } = held();
    const asked = [loader.load(tenant(1), 7), loader.load(tenant(2), 7), loader.load(tenant(1), 9)];
    await Promise.resolve();
    asked.push(loader.load(tenant(1), 7));
    await turn();
    expect(batches.map(({ keys }) => keys)).toEqual([
      [
        { tenantId: 1, id: 7 },
        { tenantId: 2, id: 7 },
        { tenantId: 1, id: 9 },
        { tenantId: 1, id: 7 },
      ],
    ]);
    batches[0]?.answer();
    expect((await Promise.all(asked)).map((one) => one?.identity)).toEqual(['1/7', '2/7', '1/9', '1/7']);
  });

  it('keeps nothing: who asks after an answer is read for anew', async () => {
    let version = 0;
    const loader = new StationLoader(async (keys) => keys.map((key) => ({ ...found(key), sessionEpoch: version })));
    expect((await loader.load(tenant(1), 1))?.sessionEpoch).toBe(0);
    version = 1;
    expect((await loader.load(tenant(1), 1))?.sessionEpoch).toBe(1);
  });

  it('never joins a statement that is on its way', async () => {
    const { batches, loader } = held();
    const first = loader.load(tenant(1), 1);
    await turn();
    const second = loader.load(tenant(1), 1);
    await turn();
    expect(batches.length).toBe(2);
    for (const { answer } of batches) answer();
    expect(await first).toEqual(await second);
  });

  it('bounds a statement, and how many run; the rest gathers', async () => {
    const { batches, loader } = held();
    const asked = Array.from({ length: 1000 }, (_, id) => loader.load(tenant(1), id));
    await turn();
    await turn();
    await turn();
    expect(batches.map(({ keys }) => keys.length)).toEqual([256, 256]);
    for (let i = 0; i < batches.length; i++) {
      batches[i]?.answer();
      await turn();
      await turn();
    }
    expect((await Promise.all(asked)).map((one) => one?.id)).toEqual(asked.map((_, id) => id));
    expect(Math.max(...batches.map(({ keys }) => keys.length))).toBe(256);
  });

  it('refuses who would wait behind thousands', async () => {
    const { batches, loader } = held();
    const asked = Array.from({ length: 8192 }, (_, id) => loader.load(tenant(1), id));
    await expect(loader.load(tenant(1), 1)).rejects.toThrow(ProblemError);
    await turn();
    const late = loader.load(tenant(1), 1);
    for (let i = 0; i < batches.length || batches.length < 33; i++) {
      batches[i]?.answer();
      await turn();
      await turn();
    }
    await Promise.all([...asked, late]);
  });

  it('lets one key that fails fail alone', async () => {
    const sizes: number[] = [];
    const loader = new StationLoader(async (keys) => {
      sizes.push(keys.length);
      if (keys.some(({ id }) => id === 5)) throw new Error('poison');
      return keys.map(found);
    });
    const asked = Array.from({ length: 8 }, (_, id) => loader.load(tenant(1), id).then((one) => one?.id ?? 'none'));
    const ended = await Promise.allSettled(asked);
    expect(ended.map((end) => (end.status === 'fulfilled' ? end.value : 'failed'))).toEqual([
      0,
      1,
      2,
      3,
      4,
      'failed',
      6,
      7,
    ]);
    expect(sizes.length).toBe(7);
    expect((await loader.load(tenant(1), 6))?.id).toBe(6);
  });

  it('does not try again and again where the database is away', async () => {
    let reads = 0;
    const loader = new StationLoader(async () => {
      reads += 1;
      throw Object.assign(new Error('gone'), { code: 'CONNECTION_CLOSED' });
    });
    const asked = Array.from({ length: 8 }, (_, id) => loader.load(tenant(1), id));
    const ended = await Promise.allSettled(asked);
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
    expect(reads).toBe(1);
  });
});
