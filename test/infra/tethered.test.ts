import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'ava';
import { spawnTethered, type Tethered } from '../../infra/process/tethered.ts';

const shell = (script: string) => spawnTethered('/bin/sh', ['-c', script], { output: 'pipe' });

/** The first line that the program prints. */
async function firstLine({ child }: Tethered): Promise<string> {
  if (child.stdout === null) return '';
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return String(line);
}

test('the child is the program itself: its pid, its output, its exit code', async (t) => {
  const program = shell('echo $$; exit 7');
  const { child } = program;
  const exit = once(child, 'exit');
  t.is(await firstLine(program), String(child.pid));
  t.deepEqual(await exit, [7, null]);
});

test('stopping sends SIGTERM, so that the program can end in order', async (t) => {
  const program = shell('trap "exit 5" TERM; echo ready; while :; do sleep 0.1; done');
  await firstLine(program);
  await program.stop();
  t.is(program.child.exitCode, 5);
  await t.notThrowsAsync(program.stop());
});

test('a program that ignores SIGTERM is killed two seconds later', async (t) => {
  const program = shell('trap "" TERM; echo ready; while :; do sleep 0.1; done');
  await firstLine(program);
  const since = performance.now();
  await program.stop();
  t.is(program.child.signalCode, 'SIGKILL');
  t.true(performance.now() - since > 1_500);
});

test('a program that does not exist ends with 127', async (t) => {
  const { child } = spawnTethered('/no/such/program', []);
  t.deepEqual(await once(child, 'exit'), [127, null]);
});
