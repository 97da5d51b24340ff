import 'fake-indexeddb/auto';

import fc from 'fast-check';

// The same cases on every machine, so that a change is what makes a test fail; `make soak` looks for new ones.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_120) });

// A screen is waited for as long as a busy machine may take; a test that fails still ends well before its own limit.
if ('document' in globalThis) {
  const { configure } = await import('@testing-library/preact');
  configure({ asyncUtilTimeout: 20_000 });
}
