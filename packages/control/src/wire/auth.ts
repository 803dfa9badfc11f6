/** Bodies of login, refresh and logout. */
import { z } from '@hono/zod-openapi';

export const Login = z
  .object({
    email: z.string().min(3).max(254).openapi({ example: 'admin@sigec.local' }),
    password: z.string().min(1).max(1024).openapi({ format: 'password' }),
  })
  .openapi('Login');

export const RefreshBody = z.object({ refresh_token: z.string().min(1).max(256) }).openapi('RefreshRequest');

export const LogoutBody = z.object({ refresh_token: z.string().min(1).max(256).optional() }).openapi('LogoutRequest');

export const TokenPair = z
  .object({
    token: z.string().openapi({ description: 'JWT for the Authorization header.' }),
    refresh_token: z.string().openapi({ description: 'Good once; using it again ends the session.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ description: 'Seconds the token lives.' }),
  })
  .openapi('TokenPair');
