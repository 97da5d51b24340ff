import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';

// The web server answers /crew with dist/crew.html and everything else in dist/ by its own name:
// hashed files under /assets/, the worker at /sw.js (scope /), the manifest and icons as copied from public/.
export default defineConfig({
  base: '/',
  build: {
    target: 'es2022',
    sourcemap: false,
    // The policy of the pages forbids inline script, and every browser with service workers preloads modules.
    modulePreload: { polyfill: false },
    // Small images stay files: the policy of the pages allows no data: address in styles.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: 'crew.html',
      // What is needed at once stays one file, whatever later parts share with it: whole, it compresses better.
      output: { codeSplitting: { groups: [{ name: 'crew', tags: ['$initial'] }] } },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/sw',
      filename: 'sw.ts',
      manifest: false,
      injectRegister: null,
      injectManifest: {
        // A classic script: not every browser takes modules as service workers.
        rollupFormat: 'iife',
        globPatterns: ['crew.html', 'assets/*.{js,css,woff2}', 'manifest.webmanifest', 'icons/*.{png,svg}'],
        // Hashed names never change their content, so they need no revision of their own.
        dontCacheBustURLsMatching: /^assets\//,
      },
    }),
  ],
  test: {
    environment: 'node',
    include: ['tests/**/*.test.{ts,tsx}'],
    setupFiles: ['tests/setup.ts'],
    // A busy machine is slow, and slowness alone fails nothing.
    testTimeout: 60_000,
  },
});
