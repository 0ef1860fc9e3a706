/** A real router (miniupnpd) maps our media port by each protocol, and gives two peers that want the same port one each. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MAPPING_METHODS, type MappedAddress, type MappingMethod } from '../../../infra/mapping/contract.ts';
import type { Tethered } from '../../../infra/process/tethered.ts';
import { Lab } from '../lab.ts';
import type { Host } from '../parts/host.ts';
import { at } from './nat-behaviour.ts';
import { netTestWith } from './net-test.ts';

const DELAY_MS = 4;
const PORT = 5000;
const PROGRAM = fileURLToPath(new URL('../programs/map-port.ts', import.meta.url));

/** A peer on this host that has its port mapped. */
async function mapped(host: Host, method: MappingMethod): Promise<{ outside: MappedAddress; program: Tethered }> {
  const command = [process.execPath, '--import=tsx', PROGRAM, String(PORT), method];
  const program = host.spawn(command, { output: 'pipe' });
  const { stdout } = program.child;
  if (stdout === null) throw new Error('the program has no output');
  const [line] = await once(createInterface(stdout), 'line');
  return { outside: JSON.parse(line), program };
}

for (const method of MAPPING_METHODS) {
  netTestWith('miniupnpd')(
    `two peers behind one router each get a port by ${method}, and are reached there`,
    async (t) => {
      await using lab = await Lab.start({ delayMs: DELAY_MS });
      const stranger = await lab.host();
      const nat = await lab.nat('port-restricted', { portMapping: true });
      await using knocks = await stranger.probe();
      const reached: MappedAddress[] = [];
      for (const host of [await nat.host(), await nat.host()]) {
        await using probe = await host.probe({ port: PORT });
        const { outside } = await mapped(host, method);
        t.like(outside, { host: nat.ipv4, by: method });
        await knocks.send('knock', outside);
        t.like(await probe.next(), {
          text: 'knock',
          from: at(stranger, knocks),
        });
        reached.push(outside);
      }
      t.not(reached[0]?.port, reached[1]?.port);
    },
  );

  netTestWith('miniupnpd')(`who leaves gives its port back by ${method}`, async (t) => {
    await using lab = await Lab.start({ delayMs: DELAY_MS });
    const nat = await lab.nat('port-restricted', { portMapping: true });
    const [first, second] = [await nat.host(), await nat.host()];
    const { outside, program } = await mapped(first, method);
    await program.stop();
    t.is((await mapped(second, method)).outside.port, outside.port);
  });
}
