#!/usr/bin/env node
/**
 * The command `rpr`, as npm links it, and behind `npm run peer`. In a checkout it first installs the packages and makes
 * the bundle where they are missing or old; an installed package has both.
 */
import './bootstrap.mjs';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../actors', import.meta.url));
const COMMAND = new URL('../../dist/rpr.js', import.meta.url);

async function bundleWhereOld() {
  const { bundle, isFresh } = await import('./bundle.mjs');
  if (isFresh()) return;
  try {
    await bundle();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`setup.bundleFailed: The commands could not be made ready: ${reason}\n`);
    process.exit(1);
  }
}

// The bootstrap has said what is wrong.
if (process.exitCode !== undefined) process.exit();
if (existsSync(SOURCES)) await bundleWhereOld();
await import(COMMAND.href);
