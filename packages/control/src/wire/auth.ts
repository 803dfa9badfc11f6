/** Bodies of login, of sessions, and of what is proven by mail. */
import { z } from '@hono/zod-openapi';
import { LEAST_PASSWORD } from '../auth/password.js';

/** At login whatever was once taken is looked for. */
const AnyEmail = z.string().min(3).max(254).openapi({ example: 'admin@sigec.local' });

/** One that becomes somebody's. Without white space or control characters, none can add lines to a message. */
export const Email = z
  .string()
  .max(254)
  .regex(/^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u, 'must be a mail address')
  .openapi({ format: 'email', example: 'ana@example.com' });

export const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')
  .openapi({ example: 'Ana Souza' });

/** As it was once chosen. */
export const GivenPassword = z.string().min(1).max(1024).openapi({ format: 'password' });

/** What else it must not be is said by the rule of passwords. */
export const NewPassword = z
  .string()
  .min(LEAST_PASSWORD, `must be at least ${LEAST_PASSWORD} characters`)
  .max(256)
  .openapi({
    format: 'password',
    description: 'Any characters; not the name or the e-mail address with a little beside.',
  });

const OneTimeToken = z.string().min(1).max(128).openapi({ description: 'As it came by mail.' });

export const Code = z.string().min(6).max(40).openapi({ example: '123456' });

export const Login = z.strictObject({ email: AnyEmail, password: GivenPassword }).openapi('Login');

export const CodeBody = z
  .strictObject({
    challenge: z.string().min(1).max(128),
    code: Code.openapi({ description: 'Of the app, or a recovery code.' }),
  })
  .openapi('LoginCode');

export const Challenge = z
  .object({
    challenge: z.string().openapi({ description: 'To be shown with a code at `/auth/login/code`.' }),
    expires_in: z.int().openapi({ description: 'Seconds it is good.' }),
  })
  .openapi('LoginChallenge');

export const RefreshBody = z.strictObject({ refresh_token: z.string().min(1).max(256) }).openapi('RefreshRequest');

export const LogoutBody = z
  .strictObject({ refresh_token: z.string().min(1).max(256).optional() })
  .openapi('LogoutRequest');

export const TokenPair = z
  .object({
    token: z.string().openapi({ description: 'JWT for the Authorization header.' }),
    refresh_token: z.string().openapi({ description: 'Good once; using it again ends the session.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ description: 'Seconds the token lives.' }),
  })
  .openapi('TokenPair');

export const RegisterBody = z
  .strictObject({ name: PersonName, email: Email, password: NewPassword })
  .openapi('Registration');

export const RegisteredPerson = z
  .object({ id: z.uuid(), email: z.string(), name: z.string(), role: z.literal('user') })
  .openapi('RegisteredPerson');

export const EmailBody = z.strictObject({ email: AnyEmail }).openapi('EmailAddress');

export const VerifyBody = z.strictObject({ token: OneTimeToken }).openapi('EmailVerification');

export const ResetBody = z.strictObject({ token: OneTimeToken, password: NewPassword }).openapi('PasswordReset');

export const ProviderLogin = z
  .object({
    authorization_url: z
      .string()
      .openapi({ description: 'Where the person goes; they come back to the registered page.' }),
    login: z.string().openapi({ description: 'To be kept by the page, and shown when the person is back.' }),
    expires_in: z.int().openapi({ description: 'Seconds the person may take.' }),
  })
  .openapi('ProviderLogin');

export const ProviderAnswer = z
  .strictObject({
    login: z.string().min(1).max(128),
    code: z.string().min(1).max(2048).openapi({ description: 'As in the address that the person came back to.' }),
    state: z.string().min(1).max(512),
    iss: z.string().min(1).max(512).optional(),
  })
  .openapi('ProviderAnswer');

const text = (description: string) => z.string().openapi({ description });

export const KeySet = z
  .object({
    keys: z.array(
      z.object({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.string() }).catchall(z.unknown()),
    ),
  })
  .openapi('KeySet', { description: 'RFC 7517. Empty where tokens are signed by the secret alone (HS256).' });

export const Enrolment = z
  .object({
    secret: text('Base32, for typing in.'),
    otpauth_url: text('For the app, as a QR code of it.'),
  })
  .openapi('SecondFactorEnrolment');

export const OwnCode = z.strictObject({ code: Code }).openapi('SecondFactorCode');

export const RecoveryCodes = z
  .object({ recovery_codes: z.array(z.string()) })
  .openapi('RecoveryCodes', { description: 'Shown once; each is good once, in place of a code of the app.' });
