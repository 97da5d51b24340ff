import { defineConfig } from 'vite';

// What script adds to the resident's pages: a build of its own beside the crew's, whose worker keeps nothing of it. The web
// server finds the hashed name of the entry in dist/residents.json.
export default defineConfig({
  base: '/',
  publicDir: false,
  build: {
    target: 'es2022',
    sourcemap: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    emptyOutDir: false,
    manifest: 'residents.json',
    rolldownOptions: { input: 'src/residents/main.ts' },
  },
});
