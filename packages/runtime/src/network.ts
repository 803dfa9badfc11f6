/** Addresses of peers, as limits count by them. */
import { isIPv6 } from 'node:net';

/** `::ffff:192.0.2.1`, as a socket for both kinds says it, is the IPv4 address within. */
export function hostOf(address: string): string {
  const text = address.trim();
  return /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(text)?.[1] ?? text;
}

/**
 * An IPv4 address itself; of an IPv6 address its first four groups, which are what one customer of a provider has at least,
 * in one spelling. What is no address stays as it is.
 */
export function networkOf(address: string): string {
  const host = hostOf(address.split('%')[0] ?? '');
  if (!isIPv6(host) || host.includes('.')) return host;
  const [head = '', tail] = host.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  const groups = [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
  const mapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff';
  if (!mapped) return `${groups.slice(0, 4).join(':')}::/64`;
  // IPv4 in hexadecimal.
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
