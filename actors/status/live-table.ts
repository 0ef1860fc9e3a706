/** Keeps the live table on a terminal up to date. */
import { type Clock, systemClock } from '../clock.ts';
import type { Screen } from './screen.ts';
import type { CallStatus } from './snapshot.ts';
import { renderTable } from './table.ts';

/** Slow enough to read, and the interval of the rates that it shows. In ms. */
const REDRAW_MS = 1000;
/** An event is shown at once, but a storm of them costs no more than this many ms between two drawings. */
const COALESCE_MS = 50;

export interface LiveTable {
  /** Something has happened: draw soon. */
  changed(): void;
  /** Draw a last time and leave the table standing. Idempotent. */
  close(): void;
}

/** Draws what `status` returns, once a second and when the terminal's size changes. */
export function showTable(
  screen: Pick<Screen, 'show' | 'onResize' | 'close'>,
  status: () => CallStatus,
  clock: Clock = systemClock,
): LiveTable {
  let callOff: () => void = () => undefined;
  let drawsSoon = false;
  let open = true;
  const redraw = () => {
    callOff();
    screen.show((size) => renderTable(status(), size));
    drawsSoon = false;
    callOff = clock.after(REDRAW_MS, redraw);
  };
  const stopResizing = screen.onResize(redraw);
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
      stopResizing();
      callOff();
      screen.close((size) => renderTable(status(), size));
    },
  };
}
