/** Columns that many tables have, said once. */
import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });
export const id = () => bigint('id', { mode: 'number' }).generatedByDefaultAsIdentity().primaryKey();
export const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
export const made = () => time('created_at').notNull().defaultNow();
export const changed = () => time('updated_at').notNull().defaultNow();

export const stationId = () => bigint('station_id', { mode: 'number' }).notNull();
