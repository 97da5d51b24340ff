/** What a crew member does with the app in a test. */
import { act, fireEvent, render, screen } from '@testing-library/preact';
import { expect } from 'vitest';
import { listenToRoutes, replace } from '../../src/parts/route';
import { Root } from '../../src/screens/root';
import type { fakeApp } from './fakes';

listenToRoutes();

/** Opens the app at an address, the way a link inside it does. */
export function open(fake: ReturnType<typeof fakeApp>, ...parts: string[]): void {
  replace(...parts);
  render(<Root app={fake.app} />);
}

export const tap = (name: string | RegExp): boolean => fireEvent.click(screen.getByRole('button', { name }));
export const photo = (): File => new File(['bytes'], 'tip.jpg', { type: 'image/jpeg' });
export const heading = (): string => screen.getByRole('heading', { level: 1 }).textContent;

/** What the phone's camera does once it was opened: hands over a picture. */
export async function shoot(fake: ReturnType<typeof fakeApp>): Promise<void> {
  const use = fake.take.mock.lastCall?.[1];
  expect(use).toBeDefined();
  await act(async () => {
    use?.([photo()]);
    await Promise.resolve();
  });
}
