/**
 * Where the forwarding thread begins: a thread does not inherit tsx from the one that started it. The `require` hook
 * does without the second thread that tsx's `import` hook needs, and is ready in half the time.
 */
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
const require = createRequire(import.meta.url);
require('./thread.ts');
