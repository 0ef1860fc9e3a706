/** A call under a scenario script's command: it says that it is ready, does what it is told, and reports what it saw. */
import { unixNow } from '../clock.ts';
import type { CallWatch } from '../delivery/call-watch.ts';
import type { Meter } from '../sink/meter.ts';
import { type Command, type Ends, onCommand, tellController } from './control.ts';
import type { Participant } from './participant.ts';
import { lineOf, reportOf } from './peer-report.ts';

/** How often a waiting peer says that it is ready, ms. */
const READY_MS = 250;

export interface Obeying {
  readonly ends: Ends;
  readonly participant: Participant;
  readonly meter: Meter;
  readonly watch: Pick<CallWatch, 'drops'>;
  readonly isJoined: () => boolean;
  readonly join: () => void;
  readonly leave: () => void;
}

/** Returns the function that stops it. */
export function obey(call: Obeying): () => void {
  const { ends, isJoined } = call;
  const stop = onCommand(ends, (command) => carryOut(command, call));
  // The controller may start to listen after us: say it until it answers.
  const ready = () => {
    if (!isJoined()) tellController(ends, { kind: 'control.ready', body: {} });
  };
  const timer = setInterval(ready, READY_MS).unref();
  void ends.nats.flush().then(ready);
  return () => {
    clearInterval(timer);
    stop();
  };
}

function carryOut(command: Command, { ends, participant, meter, watch, join, leave }: Obeying): void {
  switch (command.kind) {
    case 'control.join':
      join();
      break;
    case 'control.upload': {
      const { uploadBps, lendBps = uploadBps } = command.body;
      participant.own.setUpload(uploadBps, lendBps);
      break;
    }
    case 'control.want': {
      const { wants, downloadBps } = command.body;
      participant.own.setWants({
        ...(wants === undefined ? {} : { wants }),
        ...(downloadBps === undefined ? {} : { downloadBps }),
      });
      break;
    }
    case 'control.leave':
      leave();
      break;
    case 'control.kill':
      process.kill(process.pid, 'SIGKILL');
      break;
    case 'control.ask': {
      const body = reportOf(command.body, participant, { meter, drops: watch.drops }, unixNow());
      tellController(ends, { kind: 'control.report', body });
      break;
    }
    case 'control.line': {
      const body = { request: command.body.request, at: unixNow(), line: lineOf(participant.uplink) };
      tellController(ends, { kind: 'control.line', body });
      break;
    }
  }
}
