import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { serviceWorker } from './worker/plugin.ts';

/** The server that `npm run dev` talks to. */
const server = process.env.CANOPY_SERVER ?? 'http://127.0.0.1:4610';

/**
 * sonner adds a `<style>` element when it is imported, which the content security policy blocks. Its style sheet is
 * imported by `styles.css` instead.
 */
function withoutInjectedStyles(): Plugin {
  return {
    name: 'canopy:without-injected-styles',
    apply: 'build',
    transform(code, id) {
      if (!/[\\/]sonner[\\/]dist[\\/]/.test(id)) return null;
      return { code: code.replace(/^__insertCSS\(".*"\);?$/m, ''), map: null };
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), withoutInjectedStyles(), serviceWorker()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    // A data: URL needs a wider content security policy than a file does.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 4600,
    proxy: {
      '/api': { target: server, changeOrigin: false },
      '/collab': { target: server, ws: true, changeOrigin: false },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
} as Parameters<typeof defineConfig>[0]);
