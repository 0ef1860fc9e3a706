/** Writes more lines to standard output than anybody takes at once, says so to its parent, and ends when it is told to. */
import { once } from 'node:events';
import { jsonLines } from '../../actors/journal/json-lines.ts';

const LINES = 3000;
/** Together far more than a socket and what may wait behind it hold. */
const LINE_BYTES = 1000;

const say = (news: object) => new Promise((resolve) => process.send?.(news, resolve));
let isOver = false;
const lines = jsonLines({
  onGone: () => {
    isOver = true;
    void say({ gone: true });
  },
  onFailed: ({ message }) => void say({ failed: message }),
  onLeftOut: (count) => {
    isOver = true;
    lines.write(`left out ${count}\n`);
  },
});
for (let number = 0; number < LINES; number += 1) lines.write(`${number} ${'x'.repeat(LINE_BYTES)}\n`);
await say({ written: LINES });
await once(process, 'message');
// A parent that is busy reads late.
while (!isOver) await lines.settle();
await lines.settle();
process.exit(0);
