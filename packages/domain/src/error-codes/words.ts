/** A sentence in both languages, Portuguese of Brazil first: what drivers and operators read. */
export interface Words {
  readonly pt: string;
  readonly en: string;
}

export const words = (pt: string, en: string): Words => ({ pt, en });
