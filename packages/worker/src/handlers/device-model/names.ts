/** Names of variables as 2.x messages carry them, checked before anything of the message is kept. */
import { isSecretName } from '@sigec/ocpp';
import type { VariableName } from '@sigec/store';
import { CallRefused } from '../../handler.js';
import { INT32_MAX } from '../../whole.js';

interface Component {
  readonly name: string;
  readonly instance?: string | undefined;
  readonly evse?: { readonly id: number; readonly connectorId?: number | undefined } | undefined;
}

interface Variable {
  readonly name: string;
  readonly instance?: string | undefined;
}

/** The schemas say 50; a station with leniency may say more, but what names a row must fit an index. */
const LONGEST_NAME = 200;

function fits(text: string | undefined, field: string): string | null {
  if (text !== undefined && text.length > LONGEST_NAME)
    throw new CallRefused('property', `${field}: at most ${LONGEST_NAME} characters`);
  return text ?? null;
}

function place(value: number | undefined, field: string): number | null {
  if (value !== undefined && (value < 0 || value > INT32_MAX))
    throw new CallRefused('property', `${field} must be from 0 to ${INT32_MAX}`);
  return value ?? null;
}

/** @throws {CallRefused} where it names a place that there cannot be, or is too long to be a name */
export function nameIn(component: Component, variable: Variable, field: string): VariableName {
  return {
    component: fits(component.name, `${field}/component/name`) ?? '',
    componentInstance: fits(component.instance, `${field}/component/instance`),
    evseId: place(component.evse?.id, `${field}/component/evse/id`),
    connectorId: place(component.evse?.connectorId, `${field}/component/evse/connectorId`),
    variable: fits(variable.name, `${field}/variable/name`) ?? '',
    variableInstance: fits(variable.instance, `${field}/variable/instance`),
  };
}

/** Whether what it holds must be kept nowhere. */
export const isSecret = ({ variable }: VariableName): boolean => isSecretName(variable);

/** The specification's longest value is 2500 characters. */
const LONGEST_VALUE = 10_000;

export const kept = (value: string | undefined): string | null => value?.slice(0, LONGEST_VALUE) ?? null;

/** As events show a variable. */
export const shown = (name: VariableName) => ({
  component: name.component,
  component_instance: name.componentInstance,
  evse_id: name.evseId,
  connector_id: name.connectorId,
  variable: name.variable,
  variable_instance: name.variableInstance,
});

/** Messages of one report; a report of the largest device model has fewer. */
const MAX_PARTS = 5_000;

/** @throws {CallRefused} where it cannot be the number of a message of a report */
export function partNumber(seqNo: number): number {
  if (Number.isInteger(seqNo) && seqNo >= 0 && seqNo < MAX_PARTS) return seqNo;
  throw new CallRefused('property', `seqNo must be from 0 to ${MAX_PARTS - 1}`);
}
