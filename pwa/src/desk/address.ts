/** Addresses of the desk: a screen, and the question it asks, so that a list can be sent to a colleague as a link. */
import { computed } from '@preact/signals';
import { route } from '../parts/route';
import type { Query } from '../wire/desk-api';

export interface Address {
  readonly parts: readonly string[];
  readonly query: Query;
}

export function readAddress(path: string): Address {
  const [screen = '', question = ''] = path.split('?');
  const parts = screen
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
  return { parts, query: Object.fromEntries(new URLSearchParams(question)) };
}

export const address = computed(() => readAddress(route.value.path));

export function to(parts: readonly string[], query: Query = {}): string {
  const asked = Object.entries(query).filter(([, value]) => value !== '');
  const question = asked.length === 0 ? '' : `?${new URLSearchParams(asked).toString()}`;
  return `#/${parts.map(encodeURIComponent).join('/')}${question}`;
}

export function goTo(parts: readonly string[], query: Query = {}): void {
  location.hash = to(parts, query);
}
