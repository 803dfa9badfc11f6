import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { shelved } from './shelf.js';
import { tempDir } from './temp.js';

afterEach(() => vi.unstubAllEnvs());

const stand = () => {
  const folder = tempDir('shelf');
  vi.stubEnv('SIGEC_TEST_SHELF', folder.path);
  return folder;
};

it('has what was asked for made once, by one, while the others wait', async () => {
  stand();
  let made = 0;
  const make = async (path: string) => {
    made += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(path, 'made');
  };
  const paths = await Promise.all([1, 2, 3].map(() => shelved('one', make)));
  expect([made, new Set(paths).size]).toEqual([1, 1]);
  expect(readFileSync(String(paths[0]), 'utf8')).toBe('made');
});

it('keeps nothing that was left half made, and lets the next one try', async () => {
  const { path } = stand();
  const half = shelved('two', async (at) => {
    writeFileSync(at, 'half');
    throw new Error('no room');
  });
  await expect(half).rejects.toThrow('no room');
  const next = await shelved('two', async (at) => {
    expect(existsSync(at)).toBe(false);
    writeFileSync(at, 'whole');
  });
  expect(next).toBe(`${path}/two`);
});

it('waits for nobody where it is gone', async () => {
  stand().remove();
  await expect(shelved('three', async () => undefined)).rejects.toThrow('ENOENT');
});
