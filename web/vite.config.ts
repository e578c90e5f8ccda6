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

/**
 * Of mermaid only the parsers are used. What its renderers would load when they draw (KaTeX, Cytoscape, layouts) is a megabyte that
 * nobody ever asks for, and that every visit would keep for offline use.
 */
function withoutMermaidRenderers(): Plugin {
  return {
    name: 'canopy:without-mermaid-renderers',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!/[\\/]mermaid[\\/]dist[\\/]chunks[\\/]/.test(id)) return null;
      return { code: code.replace(/\bimport\("[^"]+"\)/g, 'Promise.reject(new Error("not part of this build"))'), map: null };
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), withoutInjectedStyles(), withoutMermaidRenderers(), serviceWorker()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    // A data: URL needs a wider content security policy than a file does.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every screen needs, as few files: small ones cost more than they hold. What opens later stays apart.
          groups: [
            { name: 'vendor', test: /node_modules[\\/](react|react-dom|scheduler|@tanstack[\\/](react-router|router-core|history|react-query|query-core|react-store|store)|use-sync-external-store|zustand|clsx)[\\/]/ },
            { name: 'shell', test: /src[\\/](texts[\\/](en[\\/](?!account|auth|diagram|export|formats|import)|index|locale|plural)|api[\\/](client|fetch|session|id|schema|events)|app[\\/](shell|sidebar|client|items|query|live|leave|organization|theme|commands|keys|overlay|recents|preferences|screen-commands)\b|ui[\\/](avatar|button|cn|copy|dialog|feedback|kbd|kinds|lazy|menu|page|popup|toast|when)\.|collab[\\/](kept|pending|overlay|wake)\.|local[\\/](ahead|cache|database|install|quiet|recent)\.)/ },
          ],
        },
      },
    },
  },
  server: {
    port: 4600,
    // What the server and the client share stands outside of this folder.
    fs: { allow: ['..'] },
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
