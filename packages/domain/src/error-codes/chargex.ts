/**
 * Codes that makers share: the minimum required error codes of the ChargeX consortium (Idaho National Laboratory, revision 5),
 * told as vendorErrorCode in 1.6 and as techCode in 2.x. Only those whose meaning is public and was read there.
 */
import { type Words, words } from './words.js';

export const CHARGEX_ERRORS: Readonly<Record<string, Words>> = {
  CX001: words(
    'A trava do conector no veículo não abre ou não fecha',
    "The lock at the vehicle's inlet does not open or close",
  ),
  CX002: words(
    'Fuga à terra: a proteção diferencial (DR) atuou',
    'Ground fault: the residual current protection has tripped',
  ),
  CX003: words('Potência reduzida: temperatura interna alta', 'Less power is given: the inside of the charger is hot'),
  CX004: words('Sobrecorrente: a proteção atuou', 'Overcurrent: the protection has tripped'),
  CX005: words('Tensão para o veículo acima do aceitável', 'The voltage to the vehicle is above what is acceptable'),
  CX006: words('Tensão para o veículo abaixo do aceitável', 'The voltage to the vehicle is below what is acceptable'),
  CX008: words('Botão de emergência pressionado', 'The emergency stop was pressed'),
  CX009: words('A autorização não veio a tempo', 'The authorisation did not come in time'),
  CX010: words('O veículo não está em modo de recarga', 'The vehicle is in a mode in which it cannot charge'),
  CX011: words('Falha na verificação do cabo', 'The check of the cable failed'),
  CX014: words('Tensão do piloto de controle fora da faixa', 'The voltage of the control pilot is out of range'),
  CX015: words('Sem energia da rede elétrica', 'There is no power from the mains'),
  CX017: words(
    'O contator do carregador não abre ou não fecha',
    "The charger's contactor does not open or close; it may be welded",
  ),
  CX018: words(
    'Potência reduzida: cabo ou conector quente demais',
    'Less power is given: the cable or connector is too hot',
  ),
  CX019: words(
    'Recarga interrompida: cabo ou conector quente demais',
    'The session was stopped: the cable or connector is too hot',
  ),
  CX020: words('Conector mal encaixado no veículo', 'The connector is not fully inserted'),
  CX022: words('Falha de resistência de isolação', 'The insulation resistance is at fault'),
  CX023: words('Tensão de proximidade fora da faixa', 'The proximity voltage is out of range'),
  CX024: words(
    'Tensão na saída antes do início ou depois do fim da recarga',
    'There is voltage at the output before the session starts or after it ended',
  ),
  CX025: words('Trinco do conector quebrado', 'The latch of the connector is broken'),
  CX026: words('Cabo cortado', 'The cable was cut off'),
};
