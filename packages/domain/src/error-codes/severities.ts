/** How grave a monitor's event is (2.x part 2, SetMonitoringLevel: severity 0 to 9), in words. */
import { type Words, words } from './words.js';

export const EVENT_SEVERITIES: readonly Words[] = [
  words('Perigo', 'Danger'),
  words('Falha de hardware', 'Hardware failure'),
  words('Falha de sistema', 'System failure'),
  words('Crítico', 'Critical'),
  words('Erro', 'Error'),
  words('Alerta', 'Alert'),
  words('Aviso', 'Warning'),
  words('Nota', 'Notice'),
  words('Informação', 'Informational'),
  words('Depuração', 'Debug'),
];
