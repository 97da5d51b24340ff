// tus-js-client sends a file, is stopped in the middle, and a new one goes on. Prints the offsets it went on from.
// With a last argument that is not empty, its first bytes go with the creation.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [packages, endpoint, file, photoId, headers, withCreation] = process.argv.slice(2);
const { Upload } = createRequire(join(packages, 'package.json'))('tus-js-client');
const content = readFileSync(file);

function send(more, stopAfter) {
  return new Promise((resolve, reject) => {
    const offsets = [];
    const upload = new Upload(content, {
      endpoint,
      chunkSize: 65536,
      uploadDataDuringCreation: Boolean(withCreation),
      retryDelays: [100, 500, 2000],
      headers: JSON.parse(headers),
      metadata: { photo_id: photoId },
      onChunkComplete(_size, reached) {
        offsets.push(reached);
        if (offsets.length === stopAfter) upload.abort().then(() => resolve({ url: upload.url, offsets }), reject);
      },
      onSuccess: () => resolve({ url: upload.url, offsets }),
      onError: reject,
      ...more,
    });
    upload.start();
  });
}

const first = await send({}, 2);
const second = await send({ uploadUrl: first.url }, Infinity);
console.log(JSON.stringify([first.offsets, second.offsets]));
