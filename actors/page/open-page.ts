/** What a page's program keeps for its user alone, and how it opens the page in the browser. */
import { rmSync } from 'node:fs';
import { openInBrowser } from '../../infra/process/open-in-browser.ts';
import { writeLeadingFile } from '../../infra/web/private-files.ts';

/** Beside what peers of this folder write: SDP files. */
export const PRIVATE_FOLDER = '.rpr/page';
/** How long a browser may take to read the file that leads it to the page, in ms. */
const READ_MS = 30_000;

/**
 * By way of a file, since a command line can be read by everybody on the machine. It does not outlive its use.
 *
 * @param say takes a sentence where that does not work
 */
export async function openPage(url: string, say: (text: string) => void): Promise<void> {
  try {
    const file = writeLeadingFile(PRIVATE_FOLDER, url);
    const remove = () => rmSync(file, { force: true });
    setTimeout(remove, READ_MS).unref();
    process.once('exit', remove);
    const fault = await openInBrowser(file);
    if (fault !== undefined) say(fault);
  } catch (error) {
    say(`The browser could not be opened: ${error instanceof Error ? error.message : String(error)}`);
  }
}
