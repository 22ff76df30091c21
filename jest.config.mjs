/**
 * `unit`, `embedded` and `meshes` need only Node, `scenario` needs a testbed (see testbed/README.md). `compare` compares what the
 * scenarios have shown on both clusters: scripts/test.ts runs it last.
 */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};

export default {
  // A stand-in for istioctl is a program that has to start, and two processors may be busy.
  testTimeout: 30_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'embedded',
      testMatch: ['<rootDir>/test/suite/{embedded,versions,versions-in-place,documents,crash}.test.ts'],
    },
    { ...shared, displayName: 'meshes', testMatch: ['<rootDir>/test/meshes/meshes.test.ts'] },
    { ...shared, displayName: 'scenario', testMatch: ['<rootDir>/test/scenario/**/*.test.ts'] },
    { ...shared, displayName: 'compare', testMatch: ['<rootDir>/test/suite/compare.test.ts'] },
  ],
};
