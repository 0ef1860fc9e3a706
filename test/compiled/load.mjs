/** In the process of a test file: gives AVA the compiled form of it. To AVA the test has the name of its source, whose lines it shows. */
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} folder where the compiled files lie, below the project's root */
export default function loadFrom(folder) {
  /** @param {{ exports: unknown }} module @param {string} file */
  createRequire(import.meta.url).extensions['.ts'] = (module, file) => {
    const compiled = join(ROOT, folder, relative(ROOT, file).replace(/\.ts$/, '.js'));
    // AVA waits for what `require` gives.
    module.exports = import(pathToFileURL(compiled).href);
  };
}
