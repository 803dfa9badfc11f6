/** Gathers what the handlers of one batch want to know, so that it can be read at once. */
import { idTokenKey } from '@sigec/domain';
import type { CallNeeds, LookupKey, LookupKind } from '@sigec/store';

export class Needs implements CallNeeds {
  readonly stationIds: number[] = [];
  readonly transactions: { stationId: number; ocppTransactionId: string }[] = [];
  readonly startKeys: { stationId: number; key: string }[] = [];
  readonly activeOf: number[] = [];
  readonly idTokens: { stationId: number; key: string }[] = [];
  readonly newTransactions: { stationId: number; ocppTransactionId: string | null; startKey: string | null }[] = [];

  readonly looks: { [K in LookupKind]?: LookupKey<K>[] } = {};

  /** A row of a family of messages, by its key. */
  look<K extends LookupKind>(kind: K, key: LookupKey<K>): void {
    const keys = this.looks[kind] as LookupKey<K>[] | undefined;
    if (keys === undefined) (this.looks as Record<K, LookupKey<K>[]>)[kind] = [key];
    else keys.push(key);
  }

  transaction(stationId: number, ocppTransactionId: string): void {
    this.transactions.push({ stationId, ocppTransactionId });
  }

  startKey(stationId: number, key: string): void {
    this.startKeys.push({ stationId, key });
  }

  activeTransactions(stationId: number): void {
    this.activeOf.push(stationId);
  }

  idToken(stationId: number, value: string): void {
    this.idTokens.push({ stationId, key: idTokenKey(value) });
  }

  /** A number for a transaction, should it be known neither by the charger's id nor by its start. */
  newTransaction(stationId: number, ocppTransactionId: string | null, startKey: string | null = null): void {
    this.newTransactions.push({ stationId, ocppTransactionId, startKey });
  }
}
