/** The name of a variable: the same for the keys of 1.6 and the components of 2.x, so that everybody asks in one place. */

/** Names do not tell capitals from small letters (2.x part 1 section 4.1). A key of 1.6 has the component ''. */
export interface VariableName {
  readonly component: string;
  readonly componentInstance: string | null;
  readonly evseId: number | null;
  readonly connectorId: number | null;
  readonly variable: string;
  readonly variableInstance: string | null;
}

/** As one text, the same for the same variable. */
export function pathOf(name: VariableName): string {
  const { component, componentInstance, evseId, connectorId, variable, variableInstance } = name;
  return JSON.stringify([component, componentInstance, evseId, connectorId, variable, variableInstance]).toLowerCase();
}

export const nameOf = (row: VariableName): VariableName => ({
  component: row.component,
  componentInstance: row.componentInstance,
  evseId: row.evseId,
  connectorId: row.connectorId,
  variable: row.variable,
  variableInstance: row.variableInstance,
});

export const keyOf16 = (key: string): VariableName => ({
  component: '',
  componentInstance: null,
  evseId: null,
  connectorId: null,
  variable: key,
  variableInstance: null,
});

/** For `json_to_recordset`. */
export const NAME_TYPES = `component text, "componentInstance" text, "evseId" int4, "connectorId" int4, variable text,
  "variableInstance" text`;
export const NAME_COLUMNS = 'component, component_instance, evse_id, connector_id, variable, variable_instance';
export const NAME_FIELDS = `component, "componentInstance", "evseId", "connectorId", variable, "variableInstance"`;
