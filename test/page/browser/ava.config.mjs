/** `npm run test:page`: the tests in a browser. One file at a time: what encodes and decodes wants the machine for itself. */
export default {
  files: ['test/page/browser/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  // No peer of a test touches the user's keys.
  environmentVariables: { XDG_CONFIG_HOME: '.rpr/test-config' },
  workerThreads: false,
  concurrency: 1,
  timeout: '2m',
};
