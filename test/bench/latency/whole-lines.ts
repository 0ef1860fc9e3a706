/**
 * Loaded before a program whose engine reports its collections: the C library passes its standard output on line by line
 * from here on, so that no report waits in a buffer or is cut by what the program itself prints.
 */
import { isMainThread } from 'node:worker_threads';
import koffi from 'koffi';

/** `_IOLBF` of glibc and musl. */
const LINE_BUFFERED = 1;

if (isMainThread) {
  const libc = koffi.load(null);
  const setvbuf = libc.func('int setvbuf(void *, void *, int, size_t)');
  const stdout: unknown = koffi.decode(libc.symbol('stdout', 'void *'), 'void *');
  setvbuf(stdout, null, LINE_BUFFERED, 0);
}
