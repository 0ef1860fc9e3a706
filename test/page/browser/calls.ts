/** Some people in one call, each with a page in a browser, for the length of a test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Browser } from 'playwright-core';
import { type NatsServer, startNatsServer } from '../../../infra/nats/server.ts';
import { type CallProcess, startCall, startPeer } from './call-process.ts';
import { openChromium } from './chromium.ts';
import { openTab, type Tab } from './tab.ts';

const ROOM = 'garden';

export interface Person extends CallProcess {
  readonly tab: Tab;
}

export class Calls {
  readonly browser: Browser;
  readonly cwd: string;
  readonly #t: ExecutionContext;
  readonly #nats: NatsServer;

  private constructor(t: ExecutionContext, browser: Browser, nats: NatsServer, cwd: string) {
    this.#t = t;
    this.browser = browser;
    this.#nats = nats;
    this.cwd = cwd;
  }

  /** All of it is gone when the test has ended. */
  static async open(t: ExecutionContext): Promise<Calls> {
    const cwd = await mkdtemp(join(tmpdir(), 'rpr-page-'));
    t.teardown(() => rm(cwd, { recursive: true, force: true }));
    const nats = await startNatsServer();
    t.teardown(() => nats.stop());
    const browser = await openChromium();
    t.teardown(() => browser.close());
    return new Calls(t, browser, nats, cwd);
  }

  /** A page that is on its join screen. */
  async start(...args: string[]): Promise<Person> {
    const call = await this.call(...args);
    const tab = await openTab(this.browser, call.url);
    return { ...call, tab, [Symbol.asyncDispose]: () => call[Symbol.asyncDispose]() };
  }

  /** The peer of a person's page dies, and is started anew where it was: its page is still open. */
  async startAnew({ url, process }: Person): Promise<CallProcess> {
    process.child.kill('SIGKILL');
    await process.stop();
    return this.call('--port', new URL(url).port);
  }

  /** One whose page nobody has opened. */
  async call(...args: string[]): Promise<CallProcess> {
    const all = ['--nats', this.#nats.url, '--room', ROOM, '--listen', '127.0.0.1:0', ...args];
    const call = await startCall(all, { cwd: this.cwd });
    this.#t.teardown(() => call[Symbol.asyncDispose]());
    return call;
  }

  /** People who are in the call. */
  async join(...names: string[]): Promise<Person[]> {
    const people = await Promise.all(names.map(() => this.start()));
    await Promise.all(people.map(({ tab }, index) => tab.join(names[index] ?? '')));
    return people;
  }

  /** A peer in the terminal. */
  async peer(id: string, ...args: string[]): Promise<CallProcess> {
    const all = ['--id', id, '--nats', this.#nats.url, '--room', ROOM, '--listen', '127.0.0.1:0', ...args];
    const peer = await startPeer(all, { cwd: this.cwd });
    this.#t.teardown(() => peer[Symbol.asyncDispose]());
    return peer;
  }
}
