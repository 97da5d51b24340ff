import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vite';

// What script adds to the resident's pages: a build of its own beside the crew's, in a folder of its own, with a worker of
// its own that keeps nothing of the crew's; and their styles. The web server finds the hashed names of both in dist/residents.json.
export default defineConfig({
  base: '/',
  publicDir: false,
  // GOV.UK Frontend has a rule for a browser long gone that is no CSS: it is left out.
  css: { lightningcss: { errorRecovery: true } },
  build: {
    target: 'es2022',
    sourcemap: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    assetsDir: 'assets/residents',
    emptyOutDir: false,
    manifest: 'residents.json',
    rolldownOptions: { input: ['src/residents/main.ts', 'src/residents/pages.scss'] },
  },
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/sw',
      filename: 'residents-sw.ts',
      outDir: 'dist',
      manifest: false,
      injectRegister: null,
      injectManifest: {
        // A classic script: not every browser takes modules as service workers.
        rollupFormat: 'iife',
        globPatterns: ['assets/residents/*.{js,css}'],
        dontCacheBustURLsMatching: /^assets\//,
      },
    }),
  ],
});
