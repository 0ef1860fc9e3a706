/** Runs in the forwarding thread: tests the system calls, waits for the socket, then works until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import { ForwardingLoop } from './forwarding-loop.ts';
import { loadLibc } from './libc.ts';
import { testSystemCalls } from './self-test.ts';
import { CONTROL, type ThreadMessage, type ThreadStart } from './thread-contract.ts';

const start: ThreadStart = workerData;
const say = (message: ThreadMessage) => parentPort?.postMessage(message);

const libc = loadLibc();
const { segmentation } = testSystemCalls(libc);
const loop = new ForwardingLoop(libc, start, segmentation, () => say('wake'));
say('ready');
Atomics.wait(new Int32Array(start.control), CONTROL.GO, 0);
loop.run();
