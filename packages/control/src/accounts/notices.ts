/** What people are told of their accounts: in Portuguese first, in English below. */
import type { Text } from '../problem.js';
import type { NoticeKind } from './notifier.js';

interface Content {
  readonly subject: string;
  readonly text: string;
}

interface Template {
  readonly subject: Text;
  readonly text: Text;
  /** The page that takes the token, below the address where people reach us. */
  readonly page?: string;
}

const TEMPLATES: Readonly<Record<NoticeKind, Template>> = {
  'verify-email': {
    subject: { pt: 'Confirme seu e-mail', en: 'Confirm your e-mail address' },
    text: {
      pt: 'Para começar a carregar, confirme este endereço em 24 horas. Se não foi você, ignore esta mensagem.',
      en: 'To begin to charge, confirm this address within 24 hours. If it was not you, ignore this message.',
    },
    page: 'verify-email',
  },
  'account-exists': {
    subject: { pt: 'Você já tem uma conta', en: 'You have an account already' },
    text: {
      pt: 'Alguém tentou criar uma conta com este endereço, que já tem uma. Esqueceu a senha? Escolha outra em 30 minutos. Se não foi você, ignore esta mensagem.',
      en: 'Somebody tried to make an account with this address, which has one. Forgot the password? Choose another within 30 minutes. If it was not you, ignore this message.',
    },
    page: 'reset-password',
  },
  'password-reset': {
    subject: { pt: 'Escolha uma nova senha', en: 'Choose a new password' },
    text: {
      pt: 'Alguém pediu uma nova senha para a sua conta. O pedido vale por 30 minutos, uma vez. Se não foi você, ignore esta mensagem.',
      en: 'Somebody asked for a new password of your account. It is good for 30 minutes, once. If it was not you, ignore this message.',
    },
    page: 'reset-password',
  },
  'password-changed': {
    subject: { pt: 'Sua senha foi trocada', en: 'Your password was changed' },
    text: {
      pt: 'A senha da sua conta foi trocada e todas as sessões terminaram. Se não foi você, peça uma nova senha agora.',
      en: 'The password of your account was changed, and all sessions have ended. If it was not you, ask for a new password now.',
    },
  },
  'email-change': {
    subject: { pt: 'Confirme seu novo e-mail', en: 'Confirm your new e-mail address' },
    text: {
      pt: 'Para usar este endereço na sua conta, confirme em 24 horas. Se não foi você, ignore esta mensagem.',
      en: 'To use this address for your account, confirm it within 24 hours. If it was not you, ignore this message.',
    },
    page: 'verify-email',
  },
  'email-changed': {
    subject: { pt: 'O e-mail da sua conta foi trocado', en: 'The e-mail address of your account was changed' },
    text: {
      pt: 'A sua conta tem agora outro endereço de e-mail, e este não vale mais para ela. Se não foi você, avise logo quem opera a rede.',
      en: 'Your account has another e-mail address now, and this one is not good for it any more. If it was not you, tell whoever runs the network at once.',
    },
  },
  erasure: {
    subject: { pt: 'Apagar seus dados', en: 'Have your data erased' },
    text: {
      pt: 'Alguém pediu para apagar a sua conta e seus dados. Com este código, em 30 minutos, isso acontece e não tem volta. Se não foi você, ignore esta mensagem e troque a sua senha.',
      en: 'Somebody asked to erase your account and your data. With this code, within 30 minutes, it is done and cannot be undone. If it was not you, ignore this message and change your password.',
    },
  },
  invitation: {
    subject: { pt: 'Sua conta no SIGEC-VE', en: 'Your account at SIGEC-VE' },
    text: {
      pt: 'Uma conta foi criada para você. Escolha sua senha em 7 dias.',
      en: 'An account was made for you. Choose your password within 7 days.',
    },
    page: 'reset-password',
  },
};

/**
 * @param publicUrl where people reach us; where nobody knows that, the code stands alone. In a link the token is behind the #:
 * no server, and no log of one, gets to see it
 */
export function noticeOf(kind: NoticeKind, given: { token?: string; publicUrl?: string | undefined }): Content {
  const { subject, text, page } = TEMPLATES[kind];
  const { token, publicUrl } = given;
  const link =
    page === undefined || publicUrl === undefined ? [] : [new URL(`/${page}#token=${token}`, publicUrl).toString()];
  const code = token === undefined ? [] : [...link, `Código · Code: ${token}`];
  return {
    subject: `${subject.pt} · ${subject.en}`,
    text: [text.pt, text.en, ...code].join('\n\n'),
  };
}
