/** Debian's Firefox, without a window, by WebDriver BiDi (W3C): Playwright drives only a Firefox of its own. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';

/** Where Linux distributions, macOS and Windows put it. */
const PLACES = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:/Program Files/Mozilla Firefox/firefox.exe',
];

/** Undefined where there is none: its test is left out. */
export const FIREFOX = PLACES.find((path) => existsSync(path));

export const NO_FIREFOX = 'left out: there is no Firefox (Debian: apt-get install firefox-esr)';

/** A camera and a microphone of its own making, which it may use, and nothing that it would look for in the network. */
const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'remote.active-protocols': 1,
} as const;

const ADDRESS = /WebDriver BiDi listening on (ws:\S+)/;
const ENDED = 'the browser has ended';

/** What a command waits for. */
interface Answer {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What the browser says: the answer to a command, or an event, which nobody here asks for. */
interface Said {
  readonly id?: number;
  readonly result?: unknown;
  /** Of an error. */
  readonly message?: string;
}

export class Firefox implements AsyncDisposable {
  readonly #process: Tethered;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Answer>();
  #sent = 0;
  #context = '';

  private constructor(process: Tethered, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.on('message', (data) => this.#take(JSON.parse(String(data))));
    socket.on('close', () => this.#end());
  }

  static async open(path: string): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'rpr-firefox-'));
    const lines = Object.entries(PREFERENCES).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});`);
    await writeFile(join(profile, 'user.js'), lines.join('\n'));
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'];
    const process = spawnTethered(path, args, { output: 'pipe' });
    try {
      const socket = new WebSocket(`${await addressOf(process)}/session`);
      await once(socket, 'open');
      const firefox = new Firefox(process, profile, socket);
      await firefox.#begin();
      return firefox;
    } catch (error) {
      await letGo(process, profile);
      throw error;
    }
  }

  /** Runs before each page's own script. */
  async prepare(script: string): Promise<void> {
    await this.#command('script.addPreloadScript', { functionDeclaration: `() => { ${script} }` });
  }

  async go(url: string): Promise<void> {
    await this.#command('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** What an expression of the page comes to, as JSON has it; a promise is waited for. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.#command('script.evaluate', {
      ...{ expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value))`, awaitPromise: true },
      target: { context: this.#context },
    })) as { result?: { value?: string }; exceptionDetails?: { text: string } };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return JSON.parse(result?.value ?? 'null') as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await letGo(this.#process, this.#profile);
  }

  async #begin(): Promise<void> {
    await this.#command('session.new', { capabilities: {} });
    const { contexts } = (await this.#command('browsingContext.getTree', {})) as { contexts: { context: string }[] };
    this.#context = contexts[0]?.context ?? '';
  }

  /** Rejects where the browser refuses, or ends meanwhile. */
  #command(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#sent;
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) {
        reject(new Error(ENDED));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #take({ id, result, message }: Said): void {
    if (id === undefined) return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (message === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(message));
  }

  #end(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(ENDED));
    this.#waiting.clear();
  }
}

async function letGo(process: Tethered, profile: string): Promise<void> {
  await process.stop();
  // What it still writes while it ends.
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

/** Where it listens, which it says among its complaints. */
function addressOf({ child: { stdout, stderr } }: Tethered): Promise<string> {
  if (stderr === null) throw new Error('the browser has no output');
  // What nobody reads would hold it up one day.
  stdout?.resume();
  return new Promise((resolve, reject) => {
    const reader = createInterface({ input: stderr });
    reader.on('line', (line) => {
      const [, address] = ADDRESS.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
    reader.on('close', () => reject(new Error(ENDED)));
  });
}
