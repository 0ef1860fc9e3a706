/** A tab that has the page of a call, and what its browser says of the media in it. */
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** What a slot has received. */
export interface Received {
  readonly mid: string;
  readonly kind: string;
  readonly framesDecoded: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly width: number;
  /** Of sound: energy since the start. */
  readonly energy: number;
  readonly freezes: number;
  readonly frozenS: number;
}

/** What an encoder sends. */
export interface Sent {
  readonly mid: string;
  readonly rid: string;
  readonly bytes: number;
  readonly frames: number;
  readonly targetBps: number;
  readonly keyFrames: number;
}

export interface Tab extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Fills in the join screen. */
  join(name: string, room?: string): Promise<void>;
  received(): Promise<Received[]>;
  sent(): Promise<Sent[]>;
  /** Resolves when so many slots of this kind decode pictures or have sound. */
  hears(kind: 'video' | 'audio', slots: number, timeoutMs?: number): Promise<Received[]>;
}

const POLL_MS = 20;
const WITHIN_MS = 60_000;

/** Runs in the page: keeps its connections where statistics can be asked of them. Text, so that who imports this needs no types of browsers. */
export const KEEP_CONNECTIONS = `
  window.keptConnections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      window.keptConnections.push(this);
    }
  };`;

/** Runs in the page: all statistics of its newest connection. */
export const STATISTICS = `(async () => {
  const newest = window.keptConnections.at(-1);
  if (newest === undefined || newest.connectionState === 'closed') return [];
  return [...(await newest.getStats()).values()];
})()`;

export interface TabOptions {
  /** Whose storage and permissions it has; left out: its own, which may use camera and microphone. */
  readonly context?: BrowserContext;
  /** Gets to see the page before it loads. */
  readonly watch?: (page: Page) => void;
}

export async function openTab(browser: Browser, url: string, { context, watch }: TabOptions = {}): Promise<Tab> {
  const own = context ?? (await browser.newContext({ permissions: ['camera', 'microphone'] }));
  const page = await own.newPage();
  watch?.(page);
  await page.addInitScript(KEEP_CONNECTIONS);
  await page.goto(url);
  return new OpenTab(page, own);
}

class OpenTab implements Tab {
  readonly page: Page;
  readonly context: BrowserContext;

  constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.context = context;
  }

  async join(name: string, room?: string): Promise<void> {
    await this.page.fill('input[name=name]', name);
    if (room !== undefined) await this.page.fill('input[name=room]', room);
    await this.page.click('button[type=submit]');
  }

  received(): Promise<Received[]> {
    return this.#reports('inbound-rtp', (each) => ({
      ...{ mid: each.mid, kind: each.kind, framesDecoded: each.framesDecoded ?? 0, width: each.frameWidth ?? 0 },
      ...{ packetsReceived: each.packetsReceived, packetsLost: each.packetsLost ?? 0 },
      ...{
        energy: each.totalAudioEnergy ?? 0,
        freezes: each.freezeCount ?? 0,
        frozenS: each.totalFreezesDuration ?? 0,
      },
    })) as Promise<Received[]>;
  }

  sent(): Promise<Sent[]> {
    return this.#reports('outbound-rtp', (each) => ({
      ...{ mid: each.mid, rid: each.rid ?? '', bytes: each.bytesSent, frames: each.framesEncoded ?? 0 },
      ...{ targetBps: each.targetBitrate ?? 0, keyFrames: each.keyFramesEncoded ?? 0 },
    })) as Promise<Sent[]>;
  }

  async hears(kind: 'video' | 'audio', slots: number, timeoutMs = WITHIN_MS): Promise<Received[]> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const received = await this.received();
      const found = received.filter(
        (each) => each.kind === kind && (kind === 'video' ? each.framesDecoded > 0 : each.energy > 0),
      );
      if (found.length >= slots) return found;
      if (performance.now() > until)
        throw new Error(`${found.length} of ${slots} slots of ${kind}: ${JSON.stringify(received)}`);
      await this.page.waitForTimeout(POLL_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }

  async #reports(type: string, pick: (each: Record<string, unknown>) => unknown): Promise<unknown[]> {
    const all = await this.page.evaluate<Record<string, unknown>[]>(STATISTICS);
    return all.filter((each) => each.type === type).map(pick);
  }
}
