/** The hosts of a network lab, for a room to play on. */
import { whyNoLab } from '../../network/available.ts';
import { REAL_TIME } from '../../network/dilation/dilation.ts';
import { DELAY_MS, Lab } from '../../network/lab.ts';
import type { Host } from '../../network/parts/host.ts';
import type { Sites } from '../scenario.ts';
import { ScenarioError } from './errors.ts';
import { type Ground, livingIn } from './ground.ts';

/** Whose server can be stopped. */
export interface LabGround extends Ground {
  readonly natsPid: number | undefined;
}

/** @throws {ScenarioError} `lab.missing` */
export async function groundOfLab(sites: Sites, dilation = REAL_TIME): Promise<LabGround> {
  if (whyNoLab !== undefined) throw new ScenarioError('lab.missing', whyNoLab);
  const lab = await Lab.start({ delayMs: dilation.realMs(DELAY_MS) });
  try {
    const { url, testUrl, pid } = await lab.nats();
    const hosts = new Map<string, Host>();
    for (const [id, kind] of Object.entries(sites)) hosts.set(id, await (await lab.site(kind)).host());
    return {
      ...{ nats: url, scriptNats: testUrl, natsPid: pid, dilation },
      spawn: livingIn(dilation, (id, command, options) => hostOf(hosts, id).spawn(command, options)),
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

function hostOf(hosts: ReadonlyMap<string, Host>, id: string): Host {
  const host = hosts.get(id);
  if (host === undefined) throw new Error(`the scenario does not say where ${id} sits`);
  return host;
}
