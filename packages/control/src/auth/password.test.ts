import { describe, expect, it } from 'vitest';
import { Passwords, passwordFault } from './password.js';

describe('a chosen password', () => {
  const ana = { email: 'anabela@example.test', name: 'Anabela Souza' };

  it('is long enough, and not what everybody would try first', () => {
    for (const bad of ['short', '1111111111', 'abababababab', 'anabela12!', 'Senha-sigec-1', 'Anabela Souza 1'])
      expect(passwordFault(bad, ana), bad).toBeDefined();
    for (const good of ['correct horse battery', 'x7#kP2$mQ9', 'três pratos de trigo', '🚗🔋⚡🌍🏁🛣️🔌🅿️🧭🗺️'])
      expect(passwordFault(good, ana), good).toBeUndefined();
  });
});

describe('Passwords', () => {
  it('are found good with what was kept of them, and never without', async () => {
    const passwords = new Passwords();
    const kept = await passwords.hash('correct horse battery');
    expect(kept).toMatch(/^\$argon2id\$/);
    expect(await passwords.matches(kept, 'correct horse battery')).toBe(true);
    expect(await passwords.matches(kept, 'correct horse batterY')).toBe(false);
    for (const none of [undefined, null, '-']) expect(await passwords.matches(none, 'anything at all')).toBe(false);
  });

  it('are looked at a few at a time, and refused where too many wait', async () => {
    const passwords = new Passwords();
    const all = await Promise.allSettled(Array.from({ length: 80 }, () => passwords.matches('-', 'x')));
    const refused = all.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBe(80 - 4 - 64);
    expect(await passwords.matches('-', 'x')).toBe(false);
  });
});
