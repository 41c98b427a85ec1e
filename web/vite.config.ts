import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `EARSHOT_API` lets `vite dev` talk to a running server. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The content security policy allows no data: addresses but for images.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // What seldom changes stays in the browsers' caches when the client does.
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'tanstack', test: /node_modules\/@tanstack\// },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: process.env['EARSHOT_API'] ?? 'http://127.0.0.1:8080', changeOrigin: false } } },
});
