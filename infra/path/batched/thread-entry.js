/** Where the forwarding thread begins when it runs from the sources: a thread does not inherit tsx from the one that started it. */
import { register } from 'tsx/esm/api';

register();
await import('./thread-start.js');
