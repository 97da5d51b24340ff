import { newId } from '../shared/ids';
import { sha256 } from '../shared/sha256';
import { WORDS } from '../shared/words';
import type { PickedPhoto } from './types';

export const PHOTO_LIMITS = { count: 12, bytes: 25 * 1024 * 1024 } as const;

const NO_ROOM = `${WORDS.full}: the photo was not taken in. The report itself still saves. Free some space, then add the photo.`;

type Signature = readonly [mime: string, offset: number, marks: readonly string[]];

/** How each kind of picture begins (at the offset of the marks, in Latin-1). */
const SIGNATURES: readonly Signature[] = [
  ['image/jpeg', 0, ['\xff\xd8\xff']],
  ['image/png', 0, ['\x89PNG\r\n\x1a\n']],
  ['image/gif', 0, ['GIF87a', 'GIF89a']],
  ['image/webp', 8, ['WEBP']],
  ['image/avif', 4, ['ftypavif', 'ftypavis']],
  ['image/heic', 4, ['ftypheic', 'ftypheix', 'ftyphevc', 'ftypheim', 'ftypheis', 'ftypmif1', 'ftypmsf1']],
];

/** What the bytes are, by how they begin; null when they begin like no picture we know. File names are not believed. */
export function sniff(bytes: ArrayBuffer): string | null {
  const head = String.fromCharCode(...new Uint8Array(bytes.slice(0, 16)));
  const found = SIGNATURES.find(([, offset, marks]) => marks.some((mark) => head.startsWith(mark, offset)));
  return found?.[0] ?? null;
}

/**
 * The files as photos, bytes unchanged, up to what one report holds beside those it has. Each file that cannot be
 * taken gives one plain sentence instead; none of them stops the others.
 */
export async function pickPhotos(
  files: Iterable<File>,
  have: readonly PickedPhoto[],
  hasRoom: () => Promise<boolean>,
): Promise<{ photos: PickedPhoto[]; messages: string[] }> {
  const photos: PickedPhoto[] = [];
  const messages: string[] = [];
  if (!(await hasRoom())) return { photos, messages: [NO_ROOM] };
  for (const file of files) {
    const picked = await pickOne(file, [...have, ...photos]);
    if (typeof picked === 'string') messages.push(picked);
    else photos.push(picked);
  }
  return { photos, messages };
}

async function pickOne(file: File, have: readonly PickedPhoto[]): Promise<PickedPhoto | string> {
  const name = file.name === '' ? 'The photo' : file.name;
  if (have.length >= PHOTO_LIMITS.count) {
    return `${name} was left out: ${PHOTO_LIMITS.count} photos at a time are the most. Save these first.`;
  }
  if (file.size > PHOTO_LIMITS.bytes) return `${name} was left out: it is larger than 25 MB. Take it again at a smaller size.`;
  const bytes = await read(file);
  if (bytes === null || bytes.byteLength === 0) return `${name} could not be read from this phone. Take it again.`;
  const mime = sniff(bytes) ?? file.type;
  if (!mime.startsWith('image/')) return `${name} was left out: it is not a photo.`;
  const hash = await sha256(bytes);
  if (have.some((photo) => photo.sha256 === hash)) return `${name} is here already.`;
  return { id: newId(), bytes, sha256: hash, mime, takenAt: takenAt(file.lastModified) };
}

async function read(file: File): Promise<ArrayBuffer | null> {
  try {
    return await file.arrayBuffer();
  } catch {
    return null;
  }
}

function takenAt(lastModified: number): string | null {
  return lastModified > 0 ? new Date(lastModified).toISOString() : null;
}
