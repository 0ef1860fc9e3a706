/** `npm run test:page`: the tests that drive a browser. They share two processor cores with what they measure: one file at a time. */
export default {
  files: ['test/page/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  concurrency: 1,
  serial: true,
  timeout: '3m',
};
