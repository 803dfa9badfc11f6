/** What a session costs, line by line, on the wire; and sessions that nobody charged yet. */
import { z } from '@hono/zod-openapi';
import { type Cost, type CostLine, type PlannedSession, TAX_BASES } from '@sigec/domain';
import { IdField, Money, TimeInput } from './common.js';

const Line = z
  .object({
    kind: z.enum(['session_fee', 'energy', 'charging_time', 'idle_time', 'idle_cap', 'tax', 'minimum', 'maximum']),
    name: z.string().nullable().openapi({ description: "The band's name, or the tax's." }),
    energy_wh: z.number().nullable(),
    seconds: z.number().nullable(),
    price_minor: z.number().nullable().openapi({ description: 'Of a kWh or a minute.' }),
    amount: Money,
  })
  .openapi('BillLine');

/** As tariffs name it, and bills tell it. */
export const TaxBase = z
  .enum(TAX_BASES)
  .optional()
  .openapi({
    description:
      'What a tax within the prices is a share of: `net`, the default, the price without its taxes, as a VAT; `paid`, all that ' +
      'is paid, the tax itself in it, as ICMS and ISS.',
  });

/** A tax within the total. */
export const TaxShare = z.object({ name: z.string(), basis_points: z.int(), base: TaxBase, amount: Money });

export const Bill = z
  .object({
    total: Money,
    lines: z.array(Line).openapi({ description: 'They make up the total.' }),
    taxes: z
      .array(TaxShare)
      .openapi({ description: 'Within the total, whether on a line of their own or in the prices.' }),
    taxes_included: z.boolean(),
    energy_wh: z.number(),
    charging_seconds: z.number(),
    idle_seconds: z.number().openapi({ description: 'With those that cost nothing.' }),
  })
  .openapi('Bill');

/** mWh to Wh, and ms to s. */
const ofThousand = (thousandth: number): number => thousandth / 1000;

const toLine =
  (currency: string) =>
  ({ kind, name, quantity, priceMinor, amountMinor }: CostLine): z.infer<typeof Line> => {
    const amount = quantity === null ? null : ofThousand(quantity);
    return {
      ...{ kind, name },
      energy_wh: kind === 'energy' ? amount : null,
      seconds: kind === 'energy' ? null : amount,
      price_minor: priceMinor,
      amount: { amount_minor: amountMinor, currency },
    };
  };

export function toBill({ currency, totalMinor, lines, taxes, ...cost }: Cost): z.infer<typeof Bill> {
  return {
    total: { amount_minor: totalMinor, currency },
    lines: lines.map(toLine(currency)),
    taxes: taxes.map(({ name, basisPoints, base, amountMinor }) => ({
      ...{ name, basis_points: basisPoints, ...(base !== undefined && { base }) },
      amount: { amount_minor: amountMinor, currency },
    })),
    taxes_included: cost.taxesIncluded,
    energy_wh: ofThousand(cost.energyMWh),
    charging_seconds: ofThousand(cost.chargingMs),
    idle_seconds: ofThousand(cost.idleMs),
  };
}

/** More than this is no session: 31 days, and what a year of half-hours would be. */
const MAX_SESSION_MS = 31 * 86_400_000;
const MAX_POINTS = 2_000;

export const PreviewBody = z
  .strictObject({
    start_time: TimeInput,
    end_time: TimeInput,
    energy: z
      .array(z.strictObject({ time: TimeInput, energy_wh: z.number().min(0).max(1_000_000) }))
      .min(1)
      .max(MAX_POINTS)
      .openapi({ description: 'Energy given since the start, as it rose. The start is 0.' }),
    flow: z
      .array(z.strictObject({ time: TimeInput, state: z.enum(['charging', 'idle', 'paused']) }))
      .max(100)
      .optional()
      .openapi({
        description:
          '`idle`: the vehicle wants nothing; `paused`: the device holds back. Absent: it charges until the energy stands.',
      }),
    version: z.int().min(1).optional().openapi({ description: 'Of the tariff. Absent: the newest.' }),
    device_id: IdField.optional().openapi({
      description: 'Where it would be. Bands hold by the clock of its site, as they do for sessions there.',
    }),
  })
  .superRefine(({ start_time, end_time, energy }, context) => {
    const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (end_time <= start_time) wrong(['end_time'], 'must be after start_time');
    if (Number(end_time) - Number(start_time) > MAX_SESSION_MS) wrong(['end_time'], 'must be within 31 days');
    for (const [i, { time }] of energy.entries())
      if (time < start_time || time > end_time) wrong(['energy', i, 'time'], 'must be within the session');
  })
  .openapi('TariffPreviewRequest');

export function toPlanned(body: z.infer<typeof PreviewBody>): PlannedSession {
  return {
    startAt: body.start_time.getTime(),
    endAt: body.end_time.getTime(),
    energy: body.energy.map(({ time, energy_wh }) => ({ at: time.getTime(), mWh: Math.round(energy_wh * 1000) })),
    ...(body.flow && { flow: body.flow.map(({ time, state }) => ({ at: time.getTime(), flow: state })) }),
  };
}
