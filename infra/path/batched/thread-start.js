/**
 * Begins the forwarding thread's work. As ES modules, although CommonJS is ready sooner: with that, each call into
 * another module goes through a getter, which was measured to cost a packet more than the decision on it.
 */
import { setFlagsFromString } from 'node:v8';

// By default the compiler inlines so much (in bytes of bytecode) into one function; a packet's way through all of its checks is
// more, and took half again as long with calls in it.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=5000');
await import('./thread.ts');
