/** Where a run is played: hosts of a network lab where there can be one, else loopback; and how NATS goes away there. */
import { startNatsServer } from '../../../infra/nats/server.ts';
import { whyNoLab } from '../../network/available.ts';
import type { Dilation } from '../../network/dilation/dilation.ts';
import { type Ground, spawnGround } from '../../scenarios/playing/ground.ts';
import { groundOfLab } from '../../scenarios/playing/lab-ground.ts';
import { PEERS } from './kinds.ts';

/** The bus stops to carry anything, and goes on. */
export interface Outage {
  begin(): void;
  end(): void;
}

export interface FailoverGround extends Ground {
  readonly outage: Outage;
}

export async function openGround(dilation: Dilation): Promise<FailoverGround> {
  if (whyNoLab === undefined) {
    const ground = await groundOfLab(Object.fromEntries(PEERS.map(({ id }) => [id, 'public'])), dilation);
    return { ...ground, outage: outageOf(() => ground.natsPid) };
  }
  const server = await startNatsServer();
  return { ...spawnGround(server, dilation), outage: outageOf(() => server.pid) };
}

/** Connections stay as they are, as behind a network that has failed: nobody is told. */
function outageOf(pid: () => number | undefined): Outage {
  const signal = (name: NodeJS.Signals) => {
    const of = pid();
    if (of !== undefined) process.kill(of, name);
  };
  return { begin: () => signal('SIGSTOP'), end: () => signal('SIGCONT') };
}
