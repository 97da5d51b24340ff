// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { afterEach, expect, it, vi } from 'vitest';
import { FindName } from '../../src/map/find-name';
import type { PocketNames } from '../../src/wire/types';
import { HERE } from './fakes';

const names: PocketNames = {
  format: 1,
  south: 52.5,
  west: -1.6,
  texts: ['', 'Folly Lane', 'Hartshill', 'Oldbury Road'].join('\n'),
  kinds: 'rlr',
  text: [1, 2, 3],
  inside: [2, 0, 2],
  lat: [7000, 7500, 7550],
  lon: [5000, 5500, 5550],
  postcodes: 'CV100TD',
  postcode_lat: [7550],
  postcode_lon: [5550],
};

function open(): ReturnType<typeof vi.fn> {
  const onFound = vi.fn();
  render(<FindName hint="Works without signal." missing="No such name on this phone." names={names} near={HERE} onFound={onFound} />);
  return onFound;
}

const type = (text: string): void => {
  fireEvent.input(screen.getByLabelText('Find a road, village or postcode'), { target: { value: text } });
};

afterEach(cleanup);

it('lists what fits as it is typed, with how far it is, and moves the pin to the one that is chosen', () => {
  const onFound = open();
  type('odlbury');
  expect(screen.getByRole('status').textContent).toMatch(/^1 place found/);
  const one = screen.getByRole('button', { name: /Oldbury Road, Hartshill.*road, \d+ m/ });
  fireEvent.click(one);
  expect(onFound).toHaveBeenCalledTimes(1);
  expect(onFound.mock.lastCall?.[0]).toMatchObject({ lat: 52.5755, lon: -1.5445, label: 'Oldbury Road, Hartshill' });
  expect(screen.queryByRole('list')).toBeNull();
});

it('takes the likeliest when Enter is pressed, and nothing when nothing fits', () => {
  const onFound = open();
  type('cv10 0td');
  fireEvent.submit(screen.getByRole('search'));
  expect(onFound.mock.lastCall?.[0]).toMatchObject({ label: 'CV10 0TD' });
  type('nowhere at all');
  expect(screen.getByRole('status').textContent).toMatch(/No such name on this phone/);
  fireEvent.submit(screen.getByRole('search'));
  expect(onFound).toHaveBeenCalledTimes(1);
});

it('reads a plus code, whole or with a village, and moves the pin to its square', async () => {
  const onFound = open();
  type('HFG4+66 Hartshill');
  fireEvent.click(await screen.findByRole('button', { name: /HFG4\+66, Hartshill.*plus code/ }));
  const square = { lat: expect.closeTo(52.5755625, 6) as number, lon: expect.closeTo(-1.5444375, 6) as number };
  expect(onFound.mock.lastCall?.[0]).toMatchObject(square);
  type('9C4WHFG4+66');
  expect(await screen.findByRole('button', { name: /9C4WHFG4\+66.*plus code/ })).toBeTruthy();
  type('oldbury');
  expect(screen.getByRole('button', { name: /Oldbury Road/ })).toBeTruthy();
});

it('reads latitude and longitude, and moves the pin there', async () => {
  const onFound = open();
  type('52° 34.53\' N, 1° 32.67\' W');
  fireEvent.click(await screen.findByRole('button', { name: /52.575500, -1.544500/ }));
  expect(onFound.mock.lastCall?.[0]).toMatchObject({ lat: expect.closeTo(52.5755, 6) as number, lon: expect.closeTo(-1.5445, 6) as number });
});
