/** In the process of a test file: gives AVA the compiled form of it, which lies beside it. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** AVA calls `require` for files with the ending `ts`, and waits for what that gives. */
export default function load() {
  /** @param {{ exports: unknown }} module @param {string} file */
  createRequire(import.meta.url).extensions['.ts'] = (module, file) => {
    module.exports = import(pathToFileURL(file.replace(/\.ts$/, '.js')).href);
  };
}
