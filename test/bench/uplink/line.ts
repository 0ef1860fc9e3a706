/** A home's line upwards that has a rate and a queue: a token bucket on its router (tc-tbf(8)), and what is seen of it there. */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Dilation, REAL_TIME } from '../../network/dilation/dilation.ts';
import type { Host } from '../../network/parts/host.ts';
import type { Nat } from '../../network/parts/nat.ts';
import { WAN_DEVICE } from '../../network/parts/nat-rules.ts';

/** A bucket passes so much undelayed, in kB: few packets. */
const BURST_KB = 8;
/** A packet of usual size with its IP header, and the Ethernet header that the bucket counts besides. */
const PACKET_BYTES = 1228;
const LINK_BYTES = 14;
/** How long the line's queue is, in ms of its rate. */
const QUEUE_MS = 250;
/** How often its queue is looked at, in s. Each look starts two programs. */
const LOOK_S = 0.05;

const seen = z
  .tuple([z.looseObject({ drops: z.number(), packets: z.number(), backlog: z.number() })])
  .rest(z.unknown());

export interface Look {
  /** By the clock of the line's time: that of {@link performance} where it is not slowed. In ms. */
  readonly atMs: number;
  /** What waits, in ms at the line's rate. */
  readonly queueMs: number;
  /** Since the line is there. */
  readonly dropped: number;
  readonly passed: number;
}

/** A computer behind the router whose packets leave one by one: lumps would pass a token bucket whole. */
export async function hostBehind(router: Nat): Promise<Host> {
  const host = await router.host();
  await host.run('ip link set eth0 gso_max_segs 1');
  return host;
}

export class Line {
  readonly #router: Nat;
  readonly looks: Look[] = [];
  readonly #dilation: Dilation;
  #bps: number;

  private constructor(router: Nat, bps: number, dilation: Dilation) {
    this.#router = router;
    this.#bps = bps;
    this.#dilation = dilation;
  }

  static async lay(router: Nat, bps: number, dilation = REAL_TIME): Promise<Line> {
    const line = new Line(router, bps, dilation);
    await router.run(`tc qdisc add ${shape(bps, dilation)}`);
    const watch = `while :; do tc -s -j qdisc show dev ${WAN_DEVICE} | tr -d '\\n'; echo; sleep ${dilation.factor * LOOK_S}; done`;
    const { stdout } = router.spawn(['chrt', '-r', '10', 'sh', '-c', watch], { output: 'pipe' }).child;
    if (stdout === null) throw new Error('the watch of a line is started with pipes');
    createInterface({ input: stdout }).on('line', (text) => line.#take(text));
    return line;
  }

  get bps(): number {
    return this.#bps;
  }

  async change(bps: number): Promise<void> {
    await this.#router.run(`tc qdisc change ${shape(bps, this.#dilation)}`);
    this.#bps = bps;
  }

  #take(text: string): void {
    const [{ drops, packets, backlog }] = seen.parse(JSON.parse(text));
    const queueMs = (8000 * backlog) / this.#bps;
    this.looks.push({ atMs: this.#dilation.nowMs(), queueMs, dropped: drops, passed: packets });
  }
}

function shape(bps: number, dilation: Dilation): string {
  const counted = Math.round((dilation.realBps(bps) * (PACKET_BYTES + LINK_BYTES)) / PACKET_BYTES);
  return `dev ${WAN_DEVICE} root handle 1: tbf rate ${counted}bit burst ${BURST_KB}kb latency ${dilation.realMs(QUEUE_MS)}ms`;
}
