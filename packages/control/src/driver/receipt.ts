/** Makes the receipt of a session that has ended; one that was made is given again, whatever came after. */
import { checkVatNumber, EMPTY_REGISTER } from '@sigec/domain';
import {
  type Actor,
  type Database,
  getReceipt,
  getTransactionRegister,
  putReceipt,
  type ReceiptRow,
  receiptParties,
  type TransactionView,
} from '@sigec/store';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import type { ReceiptContent } from '../wire/receipt.js';
import { toBillOf, toTransaction } from '../wire/transaction.js';

/** @throws {ProblemError} `still-charging`, `not-found` */
export async function receiptOf({ db }: Services, actor: Actor, transaction: TransactionView): Promise<ReceiptRow> {
  const known = await getReceipt(db, actor, transaction.id);
  if (known !== undefined) return known;
  if (transaction.endedAt === null) throw new ProblemError('still-charging');
  const parties = await receiptParties(db, actor, transaction.id);
  if (parties === undefined) throw new ProblemError('not-found');
  const { operator, customer, station } = parties;
  const shown = toTransaction(transaction);
  const content: ReceiptContent = {
    operator: { name: operator },
    customer: customer && { name: customer.name, tax_id: customer.taxId, tax_id_kind: kindOf(customer.taxId) },
    transaction_id: shown.id,
    device_id: shown.device_id,
    device_identity: shown.device_identity,
    station: {
      name: station.name,
      serial_number: station.serialNumber,
      site: station.site,
      address: station.address,
    },
    evse_id: shown.evse_id,
    connector_id: shown.connector_id,
    start_time: shown.start_time,
    end_time: transaction.endedAt.toISOString(),
    energy_wh: shown.energy_wh,
    ...(await billOf(db, actor, transaction)),
  };
  await putReceipt(db, actor, { transactionId: transaction.id, userId: transaction.userId, content });
  const made = await getReceipt(db, actor, transaction.id);
  if (made === undefined) throw new ProblemError('not-found');
  return made;
}

/** What the total is made of, by the tariff that the session began under. */
async function billOf(db: Database, actor: Actor, transaction: TransactionView) {
  const register = await getTransactionRegister(db, actor, transaction.id);
  const { lines, taxes, taxes_included, total } = toBillOf(transaction, { ...EMPTY_REGISTER, ...register });
  return { lines, taxes, taxes_included, total };
}

function kindOf(taxId: string | null) {
  const verdict = taxId === null ? undefined : checkVatNumber(taxId);
  return verdict?.ok === true ? verdict.number.kind : null;
}
