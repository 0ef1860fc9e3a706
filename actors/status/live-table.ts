/** Keeps the live table on a terminal up to date. */
import { createLogUpdate } from 'log-update';
import { type Clock, systemClock } from '../clock.ts';
import type { CallStatus } from './snapshot.ts';
import { renderTable } from './table.ts';

/** Slow enough to read, and the interval of the rates that it shows. In ms. */
const REDRAW_MS = 1000;
/** An event is shown at once, but a storm of them costs no more than this many ms between two drawings. */
const COALESCE_MS = 50;
/** Of a terminal that does not say how large it is. */
const USUAL_SIZE = { width: 80, height: 24 };

/** Standard output, or what stands in for it. */
type Terminal = NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };

export interface LiveTable {
  /** Something has happened: draw soon. */
  changed(): void;
  /** Draw a last time and leave the table standing. Idempotent. */
  close(): void;
}

/** Draws what `status` returns, once a second and when the terminal's size changes. */
export function showTable(terminal: Terminal, status: () => CallStatus, clock: Clock = systemClock): LiveTable {
  const draw = createLogUpdate(terminal);
  let callOff: () => void = () => undefined;
  let drawsSoon = false;
  let open = true;
  const redraw = () => {
    callOff();
    const { columns = USUAL_SIZE.width, rows = USUAL_SIZE.height } = terminal;
    draw(renderTable(status(), { width: columns, height: rows }));
    drawsSoon = false;
    callOff = clock.after(REDRAW_MS, redraw);
  };
  terminal.on('resize', redraw);
  redraw();
  return {
    changed: () => {
      if (!open || drawsSoon) return;
      callOff();
      drawsSoon = true;
      callOff = clock.after(COALESCE_MS, redraw);
    },
    close: () => {
      if (!open) return;
      open = false;
      terminal.off('resize', redraw);
      redraw();
      callOff();
      draw.done();
    },
  };
}
