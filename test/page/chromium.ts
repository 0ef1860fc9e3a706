/** The browser of the tests: Debian's Chromium, without a window. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

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
  '--use-fake-device-for-media-stream',
  // The other end of the media is another page of the same browser: it needs addresses, not names for them.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export interface BrowserOptions {
  /** The browser's question for devices is answered with yes. */
  readonly allowDevices?: boolean;
  /** Sound plays before a click. */
  readonly allowSound?: boolean;
}

export async function openChromium({ allowDevices = true, allowSound = true }: BrowserOptions = {}): Promise<Browser> {
  return chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    args: [
      ...FLAGS,
      ...(allowDevices ? ['--use-fake-ui-for-media-stream'] : []),
      ...(allowSound ? ['--autoplay-policy=no-user-gesture-required'] : []),
    ],
  });
}
