/** People in a call for the length of a measurement: each a process of `rpr call` and a page in one browser, on this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { type NatsServer, startNatsServer } from '../../../../infra/nats/server.ts';
import { type CallProcess, startCall, startPeer } from '../../../page/browser/call-process.ts';
import { openChromium } from '../../../page/browser/chromium.ts';
import { openTab, type Tab } from '../../../page/browser/tab.ts';
import { crowdingOf } from './crowding.ts';
import { TIME_CODE, type TimeCode, timeCodeCamera, timeCodeReader } from './time-code.ts';
import { NAMES, seenTiles, watchFrames } from './watch.ts';

const ROOM = 'garden';
/** Each page is painted without a graphics card, for two cores of all people together: of a full window alone 40 % of one. */
export const VIEWPORT = { width: 800, height: 450 };

/** As much as a camera that shows the time makes, and enough upload for a copy to each. */
const SHOWN = ['--bitrate', '300k', '--upload', '10mbit'];

export interface Person {
  readonly name: string;
  readonly process: CallProcess;
  readonly tab: Tab;
}

export interface Seat {
  readonly name: string;
  /** Of `rpr call`, beside what all have. */
  readonly args?: readonly string[];
}

export interface RoomOptions {
  /** Of Chromium's command line. */
  readonly flags?: readonly string[];
  /** Pages read the times that pictures say. */
  readonly readsTimes?: boolean;
  /** Pictures that each camera makes in a second. Default: that of {@link TIME_CODE}. */
  readonly rate?: number;
}

export class Room implements AsyncDisposable {
  readonly browser: Browser;
  readonly #nats: NatsServer;
  readonly #cwd: string;
  readonly #readsTimes: boolean;
  readonly #timeCode: TimeCode;
  readonly #people: Person[] = [];
  readonly #others: CallProcess[] = [];

  private constructor(browser: Browser, nats: NatsServer, cwd: string, { readsTimes = false, rate }: RoomOptions) {
    this.#readsTimes = readsTimes;
    this.#timeCode = rate === undefined ? TIME_CODE : { ...TIME_CODE, rate };
    this.browser = browser;
    this.#nats = nats;
    this.#cwd = cwd;
  }

  static async open(options: RoomOptions = {}): Promise<Room> {
    const cwd = await mkdtemp(join(tmpdir(), 'rpr-bench-page-'));
    const nats = await startNatsServer();
    return new Room(await openChromium({ flags: options.flags ?? [] }), nats, cwd, options);
  }

  /** People on their join screens. All cameras show the time. */
  async seat(seats: readonly Seat[]): Promise<Person[]> {
    return Promise.all(seats.map((seat) => this.#seat(seat)));
  }

  /** Others without a page, which show colour bars: no browser of theirs wants the processors. */
  async fill(ids: readonly string[]): Promise<void> {
    const place = ['--nats', this.#nats.url, '--room', ROOM, '--listen', '127.0.0.1:0', '--sink', 'none'];
    for (const id of ids) this.#others.push(await startPeer(['--id', id, ...place, ...SHOWN], { cwd: this.#cwd }));
  }

  async #seat({ name, args = [] }: Seat): Promise<Person> {
    const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const all = ['--nats', this.#nats.url, '--room', ROOM, ...listen, ...args];
    const process = await startCall(all, { cwd: this.#cwd });
    const context = await this.browser.newContext({ permissions: ['camera', 'microphone'], viewport: VIEWPORT });
    await context.addInitScript(NAMES);
    await context.addInitScript(watchFrames);
    await context.addInitScript(timeCodeCamera, this.#timeCode);
    if (this.#readsTimes) await context.addInitScript(timeCodeReader, this.#timeCode);
    const tab = await openTab(this.browser, process.url, { context });
    const person = { name, process, tab };
    this.#people.push(person);
    await tab.page.locator('.preview video.is-there').waitFor();
    return person;
  }

  /** All join at once, and see each other. */
  async join(people: readonly Person[]): Promise<void> {
    await Promise.all(people.map(({ name, tab }) => tab.join(name)));
    const tiles = people.length - 1 + this.#others.length;
    await Promise.all(people.map(({ tab }) => seenTiles(tab.page, tiles)));
  }

  /** Back to the join screen, as if just opened. */
  async leave({ tab: { page } }: Person): Promise<void> {
    await page.getByRole('button', { name: /^leave/i }).click();
    await page.waitForSelector('input[name=name]');
    await page.reload();
    await page.locator('.preview video.is-there').waitFor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const crowding = crowdingOf(this.#people.flatMap(({ process: { process } }) => process.child.pid ?? []));
    if (crowding !== undefined) process.stderr.write(`${crowding}\n`);
    await this.browser.close();
    await Promise.all(this.#people.map(({ process }) => process[Symbol.asyncDispose]()));
    await Promise.all(this.#others.map((peer) => peer[Symbol.asyncDispose]()));
    await this.#nats.stop();
    await rm(this.#cwd, { recursive: true, force: true });
  }
}
