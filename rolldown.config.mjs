import { defineConfig } from 'rolldown';

/** One shared build: `main` and `post`, minified but with names kept, so that stack traces stay readable. */
export default defineConfig({
  input: { main: 'src/index.ts', post: 'src/post.ts' },
  platform: 'node',
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    minify: true,
    keepNames: true,
    cleanDir: true,
  },
});
