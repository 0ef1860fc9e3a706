/**
 * Where the forwarding thread begins: a thread does not inherit tsx from the one that started it. As ES modules,
 * although the `require` hook is ready sooner: with that one, each call into another module goes through a getter,
 * which was measured to cost a packet more than the decision on it.
 */
import { register } from 'tsx/esm/api';

register();
await import('./thread.ts');
