/** The browser of the tests: Debian's Chromium, without a window. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Linux distributions, macOS and Windows put it. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

/** Undefined where there is none: tests in a browser are left out. */
export const CHROMIUM = PLACES.find((path) => existsSync(path));

/** Said once by each file of tests that is left out. */
export const LEFT_OUT = 'left out: there is no Chromium (Debian: apt-get install chromium)';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The other end of the media is another page of the same browser: it needs addresses, not names for them.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export interface BrowserOptions {
  /** The browser's question for devices is answered with yes. */
  readonly allowDevices?: boolean;
  /** There are a camera and a microphone. */
  readonly fakeDevices?: boolean;
  /** Of that camera; left out: Chromium's own. */
  readonly framesPerSecond?: number;
  /** Of Chromium's command line, beside those that all tests have. */
  readonly flags?: readonly string[];
}

export async function openChromium({
  allowDevices = true,
  fakeDevices = true,
  framesPerSecond,
  flags = [],
}: BrowserOptions = {}): Promise<Browser> {
  return chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    args: [
      ...FLAGS,
      ...(fakeDevices ? [fakeDevicesFlag(framesPerSecond)] : []),
      ...(allowDevices ? ['--use-fake-ui-for-media-stream'] : []),
      '--autoplay-policy=no-user-gesture-required',
      ...flags,
    ],
  });
}

function fakeDevicesFlag(framesPerSecond: number | undefined): string {
  const rate = framesPerSecond === undefined ? '' : `,fps=${framesPerSecond}`;
  return `--use-fake-device-for-media-stream=device-count=2${rate}`;
}
