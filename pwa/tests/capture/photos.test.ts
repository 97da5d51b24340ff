import { describe, expect, it } from 'vitest';

import { PHOTO_LIMITS, pickPhotos, sniff } from '../../src/capture/photos';
import { sha256 } from '../../src/shared/sha256';

const JPEG = [0xff, 0xd8, 0xff, 0xe0, 0, 16];

const latin1 = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

function jpeg(name: string, extra: number, options: FilePropertyBag = {}): File {
  return new File([Uint8Array.of(...JPEG, extra)], name, { type: 'image/jpeg', lastModified: Date.parse('2026-11-20T06:42:00Z'), ...options });
}

const room = (): Promise<boolean> => Promise.resolve(true);

describe('picking photos', () => {
  it('keeps the bytes as they are, with their hash and time', async () => {
    const file = jpeg('one.jpg', 1);
    const { photos, messages } = await pickPhotos([file], [], room);
    expect(messages).toEqual([]);
    expect(new Uint8Array(photos[0]?.bytes ?? new ArrayBuffer())).toEqual(Uint8Array.of(...JPEG, 1));
    expect(photos[0]).toMatchObject({ sha256: await sha256(await file.arrayBuffer()), mime: 'image/jpeg', takenAt: '2026-11-20T06:42:00.000Z' });
  });

  it('goes by the bytes, not by the name or type', async () => {
    const heic = new File([Uint8Array.of(0, 0, 0, 24), 'ftypheic', 'rest'], 'IMG.JPG', { type: 'image/jpeg' });
    expect((await pickPhotos([heic], [], room)).photos[0]?.mime).toBe('image/heic');
    const raw = new File(['unknown but said to be a picture'], 'x.dng', { type: 'image/x-adobe-dng' });
    expect((await pickPhotos([raw], [], room)).photos[0]?.mime).toBe('image/x-adobe-dng');
  });

  it('says in plain words which could not be taken, and takes the rest', async () => {
    const unreadable = jpeg('gone.jpg', 2);
    unreadable.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
    const huge = jpeg('huge.jpg', 3);
    Object.defineProperty(huge, 'size', { value: PHOTO_LIMITS.bytes + 1 });
    const files = [jpeg('a.jpg', 1), new File([], 'empty.jpg'), unreadable, huge, new File(['hello'], 'notes.txt', { type: 'text/plain' }), jpeg('same.jpg', 1)];
    const { photos, messages } = await pickPhotos(files, [], room);
    expect(photos).toHaveLength(1);
    expect(messages).toEqual([
      'empty.jpg could not be read from this phone. Take it again.',
      'gone.jpg could not be read from this phone. Take it again.',
      'huge.jpg was left out: it is larger than 25 MB. Take it again at a smaller size.',
      'notes.txt was left out: it is not a photo.',
      'same.jpg is here already.',
    ]);
  });

  it('stops at twelve', async () => {
    const files = Array.from({ length: 14 }, (_, i) => jpeg(`${i}.jpg`, i));
    const { photos, messages } = await pickPhotos(files, [], room);
    expect(photos).toHaveLength(12);
    expect(messages).toHaveLength(2);
    expect(messages[0]).toContain('12 photos at a time are the most');
  });
});

it.each([
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/gif', latin1('GIF89a')],
  ['image/webp', latin1('RIFF1234WEBP')],
  ['image/avif', [0, 0, 0, 24, ...latin1('ftypavif')]],
  [null, [1, 2, 3]],
])('knows %s by how it begins', (mime, bytes) => {
  expect(sniff(Uint8Array.from(bytes).buffer)).toBe(mime);
});
