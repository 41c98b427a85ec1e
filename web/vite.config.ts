import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `EARSHOT_API` lets `vite dev` talk to a running server. */
export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0 },
  server: { proxy: { '/api': { target: process.env['EARSHOT_API'] ?? 'http://127.0.0.1:8080', changeOrigin: false } } },
});
