/** Whether an image is what its signature says (2.x L01, 1.6 white paper section 3.5): better found here than by a fleet. */
import { constants, createVerify, type KeyObject, X509Certificate } from 'node:crypto';
import { ProblemError } from '../problem.js';

const refuse = (field: string, message: string): ProblemError =>
  new ProblemError('validation', { errors: [{ field, message }] });

/** @throws {ProblemError} `validation` where it is no certificate with a key that signs */
export function signingKey(pem: string): KeyObject {
  try {
    const { publicKey } = new X509Certificate(pem);
    if (publicKey.asymmetricKeyType === 'rsa' || publicKey.asymmetricKeyType === 'ec') return publicKey;
  } catch {
    // Said below: the library's words quote what it was given.
  }
  throw refuse('signing_certificate', 'must be a PEM certificate with an RSA or EC key');
}

export interface SignatureCheck {
  update(bytes: Uint8Array): void;
  /** @throws {ProblemError} `validation` where the signature is not of the bytes that came */
  check(): void;
}

/** A charger may use either padding of RSA, so the file is hashed for both. */
export function checkSignature(pem: string, signature: string): SignatureCheck {
  const key = signingKey(pem);
  const bytes = Buffer.from(signature, 'base64');
  const ways =
    key.asymmetricKeyType === 'rsa'
      ? [
          { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO },
          { key, padding: constants.RSA_PKCS1_PADDING },
        ]
      : [{ key }];
  const verifiers = ways.map(() => createVerify('sha256'));
  return {
    update: (piece) => {
      for (const verifier of verifiers) verifier.update(piece);
    },
    check() {
      const holds = verifiers.some((verifier, i) => verifier.verify(ways[i] ?? key, bytes));
      if (!holds) throw refuse('signature', 'is not that of the file');
    },
  };
}
