/** `npm run test:page`: the tests in a browser. Each file opens one of its own, so that two at once are enough. */
export default {
  files: ['test/page/browser/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  concurrency: 2,
  timeout: '2m',
};
