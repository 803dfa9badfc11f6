/** What the parts of a person's data are, in words: the export is read by people too (LGPD, article 19). */
import type { Text } from '../problem.js';

const t = (pt: string, en: string): Text => ({ pt, en });

export const EXPORT_DESCRIPTION = t(
  'Tudo o que guardamos sobre você, por tabela, com os nomes e valores da própria base. Energia em mWh (mil por Wh), ' +
    'dinheiro em centavos da moeda indicada, horários com fuso. Senhas, segredos e o conteúdo de mensagens já enviadas ' +
    'ficam de fora: só existem cifrados ou como resumo irreversível.',
  'Everything that we hold of you, by table, in the names and values of the database itself. Energy in mWh (a thousand to ' +
    'the Wh), money in minor units of its currency, times with their zone. Passwords, secrets and the content of messages ' +
    'that were sent are left out: they are there encrypted, or as an irreversible hash.',
);

/** By the name of the table. */
export const HELD: Readonly<Record<string, Text>> = {
  app_user: t('Sua conta', 'Your account'),
  account_token: t('Códigos enviados que ainda valem', 'Codes that were sent and are still good'),
  notification: t('Mensagens enviadas a você', 'Messages that were sent to you'),
  external_identity: t('Provedores pelos quais você entra', 'Providers that you log in by'),
  api_key: t('Chaves de API que você criou', 'API keys that you made'),
  second_factor: t('Seu segundo fator', 'Your second factor'),
  idempotency_key: t('Pedidos marcados para não se repetir', 'Requests that were marked to be done once'),
  audit_entry: t(
    'O que se mudou na sua conta, e o que você mudou',
    'What was changed of your account, and what you changed',
  ),
  station_grant: t('O que você pode fazer em locais e grupos', 'What you may do at sites and groups'),
  id_token: t('Seus cartões e tokens', 'Your cards and tokens'),
  id_token_removed: t(
    'Cartões removidos que alguns carregadores ainda vão esquecer',
    'Cards that were removed and some chargers have yet to forget',
  ),
  transaction: t('Suas recargas', 'Your charging'),
  transaction_detail: t('O que o carregador contou de cada recarga', 'What the charger told of each session'),
  meter_value: t('O que o medidor contou nas suas recargas', 'What the meter told in your sessions'),
  reservation: t('Suas reservas', 'Your reservations'),
  battery_swap: t('Suas trocas de bateria', 'Your battery swaps'),
  authorization_refusal: t('Quando seu cartão foi recusado', 'When your card was refused'),
  charger_tariff: t('Tarifas que carregadores guardam para o seu cartão', 'Tariffs that chargers keep for your card'),
  customer_information: t('O que carregadores contaram sobre você', 'What chargers told of you'),
  message_exchange: t(
    'Mensagens de carregadores com o seu cartão, durante as suas recargas',
    'Messages of chargers with your card in them, during your sessions',
  ),
  settlement: t('Pagamentos em terminais', 'Payments at terminals'),
  receipt: t('Seus recibos', 'Your receipts'),
};
