const WIDTH = 320;
const QUALITY = 0.7;

/** A small JPEG of a picture as an object URL, for show only; null when this phone cannot draw the format. */
export async function thumbnail(bytes: ArrayBuffer, mime: string): Promise<string | null> {
  try {
    const bitmap = await createImageBitmap(new Blob([bytes], { type: mime }), {
      resizeWidth: WIDTH,
      resizeQuality: 'medium',
    });
    const canvas = document.createElement('canvas');
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    bitmap.close();
    const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
    return small === null || small.size === 0 ? null : URL.createObjectURL(small);
  } catch {
    return null;
  }
}
