/** Keeps the live table on a terminal up to date. */
import { createLogUpdate } from 'log-update';
import type { CallStatus } from './snapshot.ts';
import { renderTable } from './table.ts';

/** Slow enough to read, and the interval of the rates that it shows. In ms. */
const REDRAW_MS = 1000;
/** An event is shown at once, but a storm of them costs no more than this many ms between two drawings. */
const COALESCE_MS = 50;
/** Of a terminal that does not say how large it is. */
const USUAL_SIZE = { width: 80, height: 24 };

export interface LiveTable {
  /** Something has happened: draw soon. */
  changed(): void;
  /** Draw a last time and leave the table standing. Idempotent. */
  close(): void;
}

/** Draws what `status` returns, once a second. */
export function showTable(terminal: NodeJS.WriteStream, status: () => CallStatus): LiveTable {
  const draw = createLogUpdate(terminal);
  let soon: NodeJS.Timeout | undefined;
  let open = true;
  const redraw = () => {
    clearTimeout(soon);
    soon = undefined;
    const { columns = USUAL_SIZE.width, rows = USUAL_SIZE.height } = terminal;
    draw(renderTable(status(), { width: columns, height: rows }));
  };
  const timer = setInterval(redraw, REDRAW_MS);
  terminal.on('resize', redraw);
  redraw();
  return {
    changed: () => {
      if (open) soon ??= setTimeout(redraw, COALESCE_MS);
    },
    close: () => {
      if (!open) return;
      open = false;
      clearInterval(timer);
      terminal.off('resize', redraw);
      redraw();
      draw.done();
    },
  };
}
