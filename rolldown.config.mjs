import { defineConfig } from 'rolldown';

/**
 * An ESM import of `node:http` copies all its exports, and two of them load Node's own undici and HTTP/2 when they are
 * looked at: twice the time that the rest of Node takes to start. Asked for as a whole it costs next to nothing.
 */
const lazyHttp = {
  name: 'lazy-http',
  resolveId: {
    filter: { id: /^(node:)?http$/ },
    handler: () => '\0lazy-http',
  },
  load: {
    filter: { id: /^\0lazy-http$/ },
    handler: () => ({
      code: `module.exports = process.getBuiltinModule('node:http');`,
      moduleType: 'js',
    }),
  },
};

/**
 * What stands in for packages that client-node's KubeConfig names but, as it is used here (src/cluster/credential.ts),
 * does not need: half the size and a third of the start. Used all the same, they fail by name.
 */
const STAND_INS = {
  undici: ['Agent', 'ProxyAgent', 'fetch']
    .map((name) => `export function ${name}() { throw new Error('undici ${name} is not in this bundle'); }`)
    .join('\n'),
  // A kubeconfig is given to it as JSON.
  'js-yaml': `
    export const load = (text) => JSON.parse(text);
    export function loadAll() { throw new Error('js-yaml loadAll is not in this bundle'); }
    export function dump() { throw new Error('js-yaml dump is not in this bundle'); }`,
};
const slimClientNode = {
  name: 'slim-client-node',
  resolveId: {
    filter: { id: /^(undici|js-yaml)$/ },
    handler: (id, importer) =>
      /[\\/]@kubernetes[\\/]client-node[\\/]/.test(importer) ? `\0stand-in:${id}` : null,
  },
  load: {
    filter: { id: /^\0stand-in:/ },
    handler: (id) => STAND_INS[id.slice('\0stand-in:'.length)],
  },
};

const keepNames = { function: true, class: true };

/** One shared build: `main` and `post`, minified but with names kept, so that stack traces stay readable. */
export default defineConfig({
  input: { main: 'src/index.ts', post: 'src/post.ts' },
  platform: 'node',
  plugins: [lazyHttp, slimClientNode],
  // No package here does anything by being imported: what is not used of it goes.
  treeshake: { moduleSideEffects: (id) => !/[\\/]node_modules[\\/]/.test(id) },
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    minify: { compress: { keepNames }, mangle: { keepNames } },
    cleanDir: true,
  },
});
