/** Reads JSON punctuation by hand, so that a payload is found without being parsed. Positions are UTF-16 offsets. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What a JSON number looks like (RFC 8259 section 6). */
export const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A cursor over one frame. */
export class Scanner {
  at = 0;
  constructor(readonly text: string) {}

  /** Past blanks (the four that JSON has); then the character code there, NaN at the end. */
  next(): number {
    let code = this.text.charCodeAt(this.at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.text.charCodeAt(++this.at);
    return code;
  }

  /** Takes `code` where it comes next. */
  take(code: number): boolean {
    if (this.next() !== code) return false;
    this.at++;
    return true;
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  /**
   * Takes the string literal that starts here and returns its value; null where it does not end (then `ended`) or is
   * no valid literal. The cursor stands behind it.
   */
  string(): string | null {
    const { text } = this;
    const start = this.at;
    let plain = true;
    for (let i = start + 1; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === QUOTE) {
        this.at = i + 1;
        return plain ? text.slice(start + 1, i) : unescaped(text.slice(start, i + 1));
      }
      if (code === BACKSLASH) {
        plain = false;
        i++;
      } else if (code < 0x20) {
        plain = false; // JSON forbids raw control characters; unescaped() will refuse it.
      }
    }
    this.at = text.length;
    return null;
  }

  /** Takes a word such as a number or `null`: everything up to the next punctuation or blank. */
  word(): string {
    const start = this.at;
    for (; this.at < this.text.length; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code <= 0x20 || code === 0x2c || code === CLOSE_LIST || code === CLOSE_OBJECT || code === QUOTE) break;
    }
    return this.text.slice(start, this.at);
  }

  /**
   * Takes the object or list that starts here and returns its text; null where it does not end. Only counts brackets
   * outside of strings: whether the inside is valid JSON is for those to say who parse it.
   */
  nested(): string | null {
    const { text } = this;
    const { length } = text;
    const start = this.at;
    let depth = 0;
    for (let i = start; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code === QUOTE) {
        i = closingQuote(text, i);
        if (i < 0) break;
      } else if (code >= OPEN_LIST) {
        // `{` and `[`, `}` and `]` differ in the one bit that this sets.
        const bracket = code | 0x20;
        if (bracket === OPEN_OBJECT) depth++;
        else if (bracket === CLOSE_OBJECT && --depth === 0) {
          this.at = i + 1;
          return text.slice(start, i + 1);
        }
      }
    }
    this.at = length;
    return null;
  }

  /**
   * Takes the object that starts here if it is the last thing in the list that the text is, and holds no other object:
   * then its brackets are the only ones there are, and native searches find them. Null, and the cursor unmoved, where that
   * cannot be told so cheaply.
   */
  flatLast(): string | null {
    const { text } = this;
    const end = text.length - 2;
    if (text.charCodeAt(end + 1) !== CLOSE_LIST || text.indexOf('}', this.at) !== end) return null;
    if (text.lastIndexOf('{') !== this.at) return null;
    const object = text.slice(this.at, end + 1);
    this.at = end + 1;
    return object;
  }

  /** Takes any JSON value and returns its text, valid as far as its punctuation goes; null where there is none. */
  value(): string | null {
    const code = this.next();
    if (code === OPEN_OBJECT || code === OPEN_LIST) return this.nested();
    const start = this.at;
    if (code === QUOTE) return this.string() === null ? null : this.text.slice(start, this.at);
    const word = this.word();
    return word === 'null' || word === 'true' || word === 'false' || NUMBER.test(word) ? word : null;
  }

  /** Takes a value that is going to be dropped: nobody will parse it later, so it is proven to be JSON here. */
  proven(): string | null {
    const text = this.value();
    if (text === null || !(text.startsWith('{') || text.startsWith('['))) return text;
    try {
      JSON.parse(text);
      return text;
    } catch {
      return null;
    }
  }
}

/** Position of the quote that closes the string opened at `open`, -1 where none does. */
function closingQuote(text: string, open: number): number {
  // Most characters of a frame stand inside of strings: a native search passes them faster than any loop here.
  let quote = text.indexOf('"', open + 1);
  while (quote > 0 && text.charCodeAt(quote - 1) === BACKSLASH) {
    let before = quote - 1;
    while (before > open && text.charCodeAt(before) === BACKSLASH) before--;
    // An even number of backslashes escape each other, not the quote.
    if ((quote - before) % 2 === 1) break;
    quote = text.indexOf('"', quote + 1);
  }
  return quote;
}

function unescaped(literal: string): string | null {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' ? value : null;
  } catch {
    return null; // A bad escape or a raw control character.
  }
}
