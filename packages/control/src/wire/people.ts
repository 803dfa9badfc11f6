/** People as the API shows and takes them. */
import { z } from '@hono/zod-openapi';
import { checkVatNumber } from '@sigec/domain';
import type { AuditRow, PersonRow } from '@sigec/store';
import { PERMISSIONS, type Permission } from '../auth/permissions.js';
import { Email, GivenPassword, NewPassword, PersonName } from './auth.js';
import { IdText, iso, listOf, PageQuery, Time } from './common.js';
import { Grant } from './grant.js';

const Role = z.enum(['admin', 'operator', 'user']).openapi({ description: '`user` is a driver.' });
const Status = z.enum(['active', 'inactive', 'blocked']);

const fields = {
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  email_verified_at: Time.nullable(),
  role: Role,
  status: Status,
  password: z.boolean().openapi({ description: 'Whether they have one; without, they come by the login provider.' }),
  second_factor: z.boolean().openapi({ description: 'Whether login asks for a code.' }),
  last_login_at: Time.nullable(),
  created_at: Time,
  updated_at: Time,
};

export const Person = z.object(fields).openapi('Person');
export const PersonList = listOf('PersonList', Person);

export const Me = z
  .object({
    ...fields,
    tax_id: z.string().nullable().openapi({ description: 'CPF, CNPJ or VAT number; receipts name it.' }),
    permissions: z.array(z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]])),
    grants: z.array(Grant).openapi({ description: 'What I may do beside that at sites, and at groups of stations.' }),
  })
  .openapi('Me');

/** As it is kept: without punctuation, in Brazil without the country. */
const TaxId = z
  .string()
  .max(30)
  .transform((text, context) => {
    const verdict = checkVatNumber(text);
    if (!verdict.ok) {
      context.addIssue({ code: 'custom', message: 'is no CPF, CNPJ or VAT number' });
      return z.NEVER;
    }
    const { country, kind, digits } = verdict.number;
    return kind === 'vat' ? `${country}${digits}` : digits;
  })
  .openapi({ type: 'string', example: '529.982.247-25' });

export const MePatchBody = z
  .strictObject({ name: PersonName.optional(), tax_id: TaxId.nullable().optional() })
  .openapi('MePatch', { description: 'Absent fields stay; null clears.' });

export const ChangePasswordBody = z
  .strictObject({ current_password: GivenPassword, new_password: NewPassword })
  .openapi('PasswordChange');

export const ChangeEmailBody = z.strictObject({ current_password: GivenPassword, email: Email }).openapi('EmailChange');

export const PersonParam = z.object({
  user_id: z.uuid('must be a UUID').openapi({ param: { name: 'user_id', in: 'path' }, type: 'string', format: 'uuid' }),
});

export const PeopleQuery = PageQuery.extend({
  role: Role.optional(),
  status: Status.optional(),
  q: z.string().min(1).max(100).optional().openapi({ description: 'Part of the name or the e-mail address.' }),
});

export const NewPersonBody = z
  .strictObject({
    name: PersonName,
    email: Email,
    role: Role,
    password: NewPassword.optional().openapi({
      description: 'Absent: they are sent a link to choose one, good for 7 days.',
    }),
  })
  .openapi('NewPerson');

export const PersonPatchBody = z
  .strictObject({ name: PersonName.optional(), role: Role.optional(), status: Status.optional() })
  .openapi('PersonPatch', {
    description: 'Absent fields stay. Whoever is not active any more has no session any more.',
  });

export function toPerson(row: PersonRow): z.infer<typeof Person> {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    email_verified_at: iso(row.emailVerifiedAt),
    role: row.role,
    status: row.status,
    password: row.hasPassword,
    second_factor: row.secondFactor,
    last_login_at: iso(row.lastLoginAt),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

export const AuditQuery = PageQuery.extend({ user_id: z.uuid('must be a UUID').optional() });

export const AuditEntry = z
  .object({
    id: IdText,
    at: Time,
    action: z.string().openapi({ example: 'user.changed' }),
    actor_id: z.string().nullable().openapi({ description: 'Who did it.' }),
    user_id: z.string().nullable().openapi({ description: 'Whose account it was done to.' }),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEntry');
export const AuditList = listOf('AuditList', AuditEntry);

export function toAuditEntry(row: AuditRow): z.infer<typeof AuditEntry> {
  return {
    id: String(row.id),
    at: iso(row.at),
    action: row.action,
    actor_id: row.actorId,
    user_id: row.userId,
    detail: row.detail,
  };
}

/** A UUID as numbers of 32 bits, which is what a cursor holds. */
export function idToNumbers(id: string): number[] {
  const hex = id.replaceAll('-', '');
  return [0, 8, 16, 24].map((at) => Number.parseInt(hex.slice(at, at + 8), 16));
}

export function numbersToId(numbers: readonly number[]): string {
  const hex = numbers.map((n) => (n >>> 0).toString(16).padStart(8, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
