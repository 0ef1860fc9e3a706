/** Copies of the project that faults are put into: what breaks off leaves the working tree as it was. */
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../../checks/sources.ts';
import { type Fault, withFault } from '../faults/fault.ts';

/** What the tests need of the project. */
const COPIED = ['machines', 'actors', 'infra', 'test', 'package.json', 'tsconfig.json'];

/** Longer than we wait for any run. */
const AVA_TIMEOUT = '60m';

const manifestSchema = z.looseObject({ ava: z.looseObject({}) });

export class Checkout {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async copy(): Promise<Checkout> {
    const checkout = new Checkout(await mkdtemp(join(tmpdir(), 'rpr-mutants-')));
    try {
      await Promise.all(COPIED.map((name) => cp(join(ROOT, name), checkout.#path(name), { recursive: true })));
      await symlink(await realpath(join(ROOT, 'node_modules')), checkout.#path('node_modules'));
      await checkout.#configureAva();
      return checkout;
    } catch (error) {
      await checkout.remove();
      throw error;
    }
  }

  /** Does something while the fault is in the copy. */
  async with<Result>(fault: Fault, work: () => Promise<Result>): Promise<Result> {
    const path = this.#path(fault.file);
    const sound = await readFile(path, 'utf8');
    await writeFile(path, withFault(sound, fault));
    try {
      return await work();
    } finally {
      await writeFile(path, sound);
    }
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  /**
   * AVA keeps which test files failed in node_modules, which all copies share with the working tree. And where it ends a silent run
   * itself, that looks as if a test had failed.
   */
  async #configureAva(): Promise<void> {
    const path = this.#path('package.json');
    const manifest = manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    await writeFile(
      path,
      JSON.stringify({ ...manifest, ava: { ...manifest.ava, cache: false, timeout: AVA_TIMEOUT } }),
    );
  }

  #path(name: string): string {
    return join(this.root, name);
  }
}
