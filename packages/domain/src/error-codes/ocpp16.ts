/** What the error codes of OCPP 1.6 say (section 7.6, ChargePointErrorCode), in words for whoever sends the technician. */
import { type Words, words } from './words.js';

export const OCPP16_ERRORS = {
  ConnectorLockFailure: words('A trava do conector não abre ou não fecha', 'The connector lock does not open or close'),
  EVCommunicationError: words('Falha de comunicação com o veículo', 'Communication with the vehicle failed'),
  GroundFailure: words(
    'Fuga à terra: a proteção diferencial (DR) atuou',
    'Ground fault: the residual current protection has tripped',
  ),
  HighTemperature: words('Temperatura interna alta demais', 'The inside of the charger is too hot'),
  InternalError: words(
    'Falha interna de hardware ou software do carregador',
    "A fault in the charger's own hardware or software",
  ),
  LocalListConflict: words(
    'A lista local de autorizações contradiz o sistema central',
    'The local authorisation list contradicts the central system',
  ),
  NoError: words('Sem erro', 'No error'),
  OtherError: words('Outra falha: veja o código do fabricante', "Another fault: the maker's own code says which"),
  OverCurrentFailure: words('Sobrecorrente: a proteção atuou', 'Overcurrent: the protection has tripped'),
  OverVoltage: words('Tensão acima do aceitável', 'The voltage is above what is acceptable'),
  PowerMeterFailure: words('O medidor de energia não pode ser lido', 'The energy meter cannot be read'),
  PowerSwitchFailure: words(
    'O contator de potência não obedece ao comando',
    'The power contactor does not do what it is told',
  ),
  ReaderFailure: words('Falha no leitor de cartões', 'The card reader has failed'),
  ResetFailure: words('O carregador não conseguiu reiniciar', 'The charger could not be reset'),
  UnderVoltage: words('Tensão abaixo do aceitável', 'The voltage is below what is acceptable'),
  WeakSignal: words('Sinal fraco da rede sem fio', 'The wireless signal is weak'),
} as const satisfies Readonly<Record<string, Words>>;
