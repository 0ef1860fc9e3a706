/**
 * Where the forwarding thread begins: a thread does not inherit tsx from the one that started it. As ES modules,
 * although the `require` hook is ready sooner: with that one, each call into another module goes through a getter,
 * which was measured to cost a packet more than the decision on it.
 */
import { setFlagsFromString } from 'node:v8';
import { register } from 'tsx/esm/api';

// By default the compiler inlines so much (in bytes of bytecode) into one function; a packet's way through all of its checks is
// more, and took half again as long with calls in it.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=5000');
register();
await import('./thread.ts');
