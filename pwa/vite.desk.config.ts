import { defineConfig } from 'vite';

// The officer's desk: a build of its own beside the crew's, so that the two share no chunk, the crew's worker keeps nothing of
// the desk, and no screen of the desk costs a phone a byte.
export default defineConfig({
  base: '/',
  publicDir: false,
  build: {
    target: 'es2022',
    sourcemap: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    emptyOutDir: false,
    rolldownOptions: { input: 'desk.html' },
  },
});
