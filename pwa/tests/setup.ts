import 'fake-indexeddb/auto';

// A screen is waited for as long as a busy machine may take; a test that fails still ends well before its own limit.
if ('document' in globalThis) {
  const { configure } = await import('@testing-library/preact');
  configure({ asyncUtilTimeout: 20_000 });
}
