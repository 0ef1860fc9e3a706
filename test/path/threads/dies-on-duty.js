/** A forwarding thread that says it is ready and dies once the socket is its own. */
import { parentPort, workerData } from 'node:worker_threads';

/** `CONTROL.GO` of the thread's contract. */
const GO = 2;

parentPort?.postMessage('ready');
Atomics.wait(new Int32Array(workerData.control), GO, 0);
throw new Error('out of memory, say');
