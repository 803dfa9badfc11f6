/** What the program says to people, as opposed to its log. */
import { stderr, stdout } from 'node:process';

export function say(text = ''): void {
  stdout.write(`${text}\n`);
}

export function complain(text: string): void {
  stderr.write(`${text}\n`);
}
