import { describe, expect, it } from 'vitest';

import { linkOf } from '../../src/outbox/photo-link';
import type { Link } from '../../src/outbox';
import { Council } from '../council';
import { openSignedIn, photoOf, reportInput } from './phone';

let phones = 0;
const fresh = (): string => `link-${phones++}`;

describe('photos that wait for Wi-Fi', () => {
  it.each<Link>(['mobile', 'unknown'])('stay here on a link that is %s, while text goes', async (link) => {
    let now: Link = link;
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh(), { link: () => now });
    await outbox.setPhotosWait(true);
    const photo = await photoOf('large');
    await outbox.saveReport(reportInput(), [photo]);
    await outbox.sendNow();
    expect(council.applied.size).toBe(1);
    expect(council.photos.size).toBe(0);
    expect(outbox.photosHeld.value).toBe(true);
    expect(outbox.items.value[0]).toMatchObject({ words: 'Received by the council', note: 'Photos wait for Wi-Fi', waiting: true });
    now = 'wifi';
    await outbox.sendNow();
    expect(council.photos.has(photo.id)).toBe(true);
    expect(outbox.photosHeld.value).toBe(false);
  });

  it('go on any link once somebody says so, and the next ones wait again', async () => {
    const council = new Council();
    const { outbox } = await openSignedIn(council, fresh(), { link: () => 'mobile' });
    await outbox.setPhotosWait(true);
    await outbox.saveReport(reportInput(), [await photoOf('one'), await photoOf('two')]);
    await outbox.sendPhotosNow();
    expect(council.photos.size).toBe(2);
    await outbox.saveReport(reportInput(), [await photoOf('three')]);
    await outbox.sendNow();
    expect(council.photos.size).toBe(2);
    await outbox.setPhotosWait(false);
    await outbox.sendNow();
    expect(council.photos.size).toBe(3);
  });

  it('are remembered as waiting on the next open', async () => {
    const council = new Council();
    const name = fresh();
    const first = await openSignedIn(council, name);
    await first.outbox.setPhotosWait(true);
    await first.db.close();
    const { outbox } = await openSignedIn(council, name);
    expect(outbox.photosWait.value).toBe(true);
  });
});

it('believes a browser that tells its link, and no other', () => {
  expect(linkOf({ connection: { type: 'wifi' } })).toBe('wifi');
  expect(linkOf({ connection: { type: 'cellular' } })).toBe('mobile');
  expect(linkOf({ connection: { effectiveType: '4g' } })).toBe('unknown');
  expect(linkOf({})).toBe('unknown');
});
