/** `npm run test:network`: the tests that need root. They share two processor cores and measure time, so a few at once are enough. */
export default {
  files: ['test/network/as-root/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  // No peer of a test touches the user's keys.
  environmentVariables: { XDG_CONFIG_HOME: '.rpr/test-config' },
  workerThreads: false,
  concurrency: 2,
  timeout: '2m',
};
