/** `npm run test:page`: the tests in a browser. One file at a time: what encodes and decodes wants the machine for itself. */
export default {
  files: ['test/page/browser/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  concurrency: 1,
  timeout: '2m',
};
