/** What people do to their own accounts. Nothing of it tells whether an e-mail address belongs to somebody. */
import { uuidv7 } from '@sigec/runtime';
import {
  type Actor,
  changePassword,
  confirmEmail,
  type Database,
  type ErasureOutcome,
  erasePerson,
  findUserByEmail,
  findUserById,
  issueToken,
  type LoginUser,
  registerUser,
  resetPassword,
  type TokenPurpose,
  takeErasureToken,
} from '@sigec/store';
import type { LoginService, TokenPair } from '../auth/login.js';
import { hashOf, newOneTime } from '../auth/one-time.js';
import { type Passwords, passwordFault } from '../auth/password.js';
import type { LoginLimit } from '../guard/login-limit.js';
import { ProblemError } from '../problem.js';
import type { Aside } from './aside.js';
import { noticeOf } from './notices.js';
import type { NoticeKind, Notifier } from './notifier.js';

/** Who may make an account for themselves: anybody; anybody, who then has to confirm their e-mail address; nobody. */
export type RegistrationMode = 'open' | 'verified' | 'off';

export interface AccountDeps {
  readonly db: Database;
  readonly passwords: Passwords;
  readonly login: LoginService;
  readonly limit: LoginLimit;
  readonly notifier: Notifier;
  readonly aside: Aside;
  readonly registration: RegistrationMode;
  /** Of those who register. */
  readonly tenantId: number;
  readonly publicUrl: string | undefined;
}

const VERIFY_MS = 24 * 3_600_000;
const RESET_MS = 30 * 60_000;
export const INVITATION_MS = 7 * 24 * 3_600_000;

/** @throws {ProblemError} `validation` where a chosen password is none */
export function checkPassword(field: string, password: string, who: { email: string; name: string }): void {
  const message = passwordFault(password, who);
  if (message !== undefined) throw new ProblemError('validation', { errors: [{ field, message }] });
}

const notGood = () =>
  new ProblemError('one-time-token', { errors: [{ field: 'token', message: 'is not good, used, or too old' }] });

/** @throws {ProblemError} why somebody could not be forgotten */
export function requireErased(outcome: ErasureOutcome | undefined): void {
  if (outcome === undefined) throw new ProblemError('not-found');
  if (outcome === 'charging') throw new ProblemError('still-charging');
  if (outcome === 'last-administrator') throw new ProblemError('last-administrator');
}

type Recipient = Pick<LoginUser, 'id' | 'tenantId' | 'email'>;

export class Accounts {
  readonly #deps: AccountDeps;

  constructor(deps: AccountDeps) {
    this.#deps = deps;
  }

  /**
   * Makes a driver. For an address that is taken the answer is the same, and its owner gets a message of another kind.
   * @returns the id that it has, or would have
   * @throws {ProblemError} `registration-closed`, `validation`, `overloaded`, `too-many-attempts`
   */
  async register(given: { name: string; email: string; password: string }): Promise<string> {
    const { db, passwords, limit, registration, tenantId } = this.#deps;
    if (registration === 'off') throw new ProblemError('registration-closed');
    const { name, email, password } = given;
    checkPassword('password', password, { name, email });
    await limit.byMailbox(email);
    const { token, hash } = newOneTime();
    const made = await registerUser(db, {
      ...{ tenantId, name, email, passwordHash: await passwords.hash(password) },
      token: { hash, lifetimeMs: RESET_MS },
      verifyMs: VERIFY_MS,
      replaceUnconfirmed: registration === 'verified',
    });
    if (made !== undefined)
      this.#aside({ ...made, email }, made.outcome === 'made' ? 'verify-email' : 'account-exists', token);
    return made?.outcome === 'made' ? made.id : uuidv7();
  }

  /** Sends a token to confirm an address with, where one is missing. @throws {ProblemError} `too-many-attempts`, `overloaded` */
  async askToConfirm(email: string): Promise<void> {
    await this.#mail(email, 'verify', VERIFY_MS, 'verify-email', (user) => user.emailVerifiedAt === null);
  }

  /** An address that it takes the place of is told. @throws {ProblemError} `one-time-token` */
  async confirm(token: string): Promise<void> {
    const confirmed = await confirmEmail(this.#deps.db, hashOf(token));
    if (confirmed === undefined) throw notGood();
    const { userId: id, tenantId, before } = confirmed;
    if (before !== null) this.#aside({ id, tenantId, email: before }, 'email-changed');
  }

  /** Sends a token to choose a new password with. @throws {ProblemError} `too-many-attempts`, `overloaded` */
  async askToReset(email: string): Promise<void> {
    await this.#mail(email, 'reset', RESET_MS, 'password-reset', () => true);
  }

  /** All sessions end. @throws {ProblemError} `validation`, `one-time-token`, `overloaded` */
  async reset(token: string, password: string): Promise<void> {
    const { db, passwords } = this.#deps;
    checkPassword('password', password, { email: '', name: '' });
    const id = await resetPassword(db, hashOf(token), await passwords.hash(password));
    if (id === undefined) throw notGood();
    const user = await findUserById(db, id);
    if (user) this.#aside(user, 'password-changed');
  }

  /**
   * A new password in place of one's own. All sessions end but the one that begins with the answer.
   * @throws {ProblemError} `validation` that names the field, `too-many-attempts`, `overloaded`
   */
  async changePassword(actor: Actor, current: string, next: string): Promise<TokenPair> {
    const { db, passwords, login } = this.#deps;
    const user = await this.#own(actor, current);
    checkPassword('new_password', next, user);
    const epoch = await changePassword(db, user, await passwords.hash(next));
    if (epoch === undefined) throw wrongPassword();
    this.#aside(user, 'password-changed');
    return login.again(user, epoch);
  }

  /** Sends a token to an address that becomes one's own when it comes back. @throws {ProblemError} as {@link changePassword} */
  async changeEmail(actor: Actor, current: string, email: string): Promise<void> {
    const { db, limit, aside } = this.#deps;
    const user = await this.#own(actor, current);
    await limit.byMailbox(email);
    aside.run('change of e-mail', async () => {
      if ((await findUserByEmail(db, email)) !== undefined) return;
      await this.#issue({ ...user, email }, 'verify', VERIFY_MS, 'email-change');
    });
  }

  /** Sends a token that shows who asks to be forgotten. @throws {ProblemError} `too-many-attempts`, `overloaded` */
  async askToErase(actor: Actor): Promise<void> {
    const user = await findUserById(this.#deps.db, actor.userId);
    if (user) await this.#mail(user.email, 'erase', RESET_MS, 'erasure', () => true);
  }

  /**
   * Forgets whoever asks and shows that it is them.
   * @throws {ProblemError} `validation` that names the field, `one-time-token`, `still-charging`, `last-administrator`,
   * `too-many-attempts`, `overloaded`
   */
  async erase(actor: Actor, shown: { password?: string | undefined; token?: string | undefined }): Promise<void> {
    const { db } = this.#deps;
    if (shown.token === undefined) await this.#own(actor, shown.password ?? '', 'password');
    else if (!(await takeErasureToken(db, actor.userId, hashOf(shown.token)))) throw notGood();
    // Forgotten meanwhile is what was asked for.
    const outcome = await erasePerson(db, actor, actor.userId);
    if (outcome !== undefined) requireErased(outcome);
  }

  /** Tells somebody for whom an account was made. @param token to choose a password with */
  invite(recipient: Recipient, token: string): void {
    this.#aside(recipient, 'invitation', token);
  }

  async #own(actor: Actor, password: string, field = 'current_password'): Promise<LoginUser> {
    const { db, passwords, limit } = this.#deps;
    await limit.byPerson('password', actor.userId);
    const user = await findUserById(db, actor.userId);
    if (!user || !(await passwords.matches(user.passwordHash, password))) throw wrongPassword(field);
    await limit.forgetPerson('password', actor.userId);
    return user;
  }

  async #mail(
    email: string,
    purpose: TokenPurpose,
    lifetimeMs: number,
    kind: NoticeKind,
    wanted: (user: LoginUser) => boolean,
  ): Promise<void> {
    const { db, limit, aside } = this.#deps;
    await limit.byMailbox(email);
    aside.run(kind, async () => {
      const user = await findUserByEmail(db, email);
      if (user?.status === 'active' && wanted(user)) await this.#issue(user, purpose, lifetimeMs, kind);
    });
  }

  async #issue(user: Recipient, purpose: TokenPurpose, lifetimeMs: number, kind: NoticeKind): Promise<void> {
    const { token, hash } = newOneTime();
    await issueToken(this.#deps.db, user, purpose, { hash, lifetimeMs });
    await this.#send(user, kind, token);
  }

  #aside(recipient: Recipient, kind: NoticeKind, token?: string): void {
    this.#deps.aside.run(kind, () => this.#send(recipient, kind, token));
  }

  async #send({ id, tenantId, email }: Recipient, kind: NoticeKind, token?: string): Promise<void> {
    const { notifier, publicUrl } = this.#deps;
    const content = noticeOf(kind, { publicUrl, ...(token === undefined ? {} : { token }) });
    await notifier.send({ kind, tenantId, userId: id, recipient: email, ...content });
  }
}

const wrongPassword = (field = 'current_password') =>
  new ProblemError('validation', { errors: [{ field, message: 'is wrong' }] });
