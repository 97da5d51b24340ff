// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { useState } from 'preact/hooks';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { PhotosPart } from '../../src/desk/case/photos';
import type { DeskCase, DeskPhoto } from '../../src/wire/desk-types';

const photo = (id: string, says: string): DeskPhoto =>
  ({
    id, state: 'verified', showable: true, taken_at: '2026-07-01T05:42:00Z', problem: null,
    exif_says: [{ about: 'place', agrees: says === '', text: says === '' ? 'It was taken where the report says' : says }],
  }) as unknown as DeskPhoto;

const known = {
  reports_detail: [
    { receipt_code: 'AAAAA-11111', photos: [photo('p1', ''), photo('p2', 'It says it was taken 3 km away')] },
    { receipt_code: 'BBBBB-22222', photos: [photo('p3', '')] },
  ],
} as unknown as DeskCase;

function Photos() {
  const [shown, setShown] = useState<number | null>(null);
  return <PhotosPart known={known} shown={shown} onShow={setShown} />;
}

beforeEach(() => {
  render(<Photos />);
  fireEvent.click(screen.getByRole('button', { name: 'Photo 1 of report AAAAA-11111: look closely' }));
});
afterEach(cleanup);

/** The frame of the photo looked at; its name says which one and how large. */
const view = (): HTMLElement => screen.getByRole('group', { name: /times as large$/ });
const key = (on: HTMLElement, name: string) => fireEvent.keyDown(on, { key: name });

it('goes nearer and farther by buttons and keys, between once and four times', () => {
  expect(view().getAttribute('aria-label')).toBe('Photo 1 of report AAAAA-11111, 1 times as large');
  fireEvent.click(screen.getByRole('button', { name: 'Nearer' }));
  expect(view().querySelector('img')?.className).toBe('times-2');
  for (let pressed = 0; pressed < 5; pressed += 1) key(view(), '+');
  expect(view().getAttribute('aria-label')).toContain('4 times as large');
  expect(screen.getByRole('button', { name: 'Nearer' }).getAttribute('aria-disabled')).toBe('true');
  key(view(), '-');
  fireEvent.click(screen.getByRole('button', { name: 'Farther' }));
  expect(view().getAttribute('aria-label')).toContain('2 times as large');
});

it('goes round all photos of all reports, each whole again, with what each says of itself', () => {
  key(view(), '+');
  fireEvent.click(screen.getByRole('button', { name: 'Next' }));
  expect(view().getAttribute('aria-label')).toBe('Photo 2 of report AAAAA-11111, 1 times as large');
  expect(screen.getByRole('dialog').textContent).toContain('It says it was taken 3 km away');
  key(view(), 'ArrowRight');
  expect(view().getAttribute('aria-label')).toContain('Photo 1 of report BBBBB-22222');
  key(view(), 'ArrowRight');
  expect(screen.getByRole('dialog').textContent).toContain('1 of 3');
});

it('moves a photo larger than its frame by the arrows, and does not leave it', () => {
  key(view(), '+');
  key(view(), 'ArrowRight');
  expect(view().getAttribute('aria-label')).toBe('Photo 1 of report AAAAA-11111, 2 times as large');
  key(screen.getByRole('button', { name: 'Nearer' }), 'ArrowRight');
  expect(view().getAttribute('aria-label')).toContain('Photo 2');
});

it('leads to the kept original', () => {
  expect(screen.getByRole('link', { name: 'Original' }).getAttribute('href')).toBe('/api/v1/photos/p1/original');
});
