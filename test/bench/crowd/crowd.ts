/**
 * The command `npm run bench:crowd`: what a peer costs in a room of fifty on this machine, an idle one in a room of ten, and how
 * long one takes to start.
 */
import { Command } from 'commander';
import { positive } from '../options.ts';
import { crowdText, idleText, startupText } from './report.ts';
import { measureCrowd, measureIdle } from './room.ts';
import { measureStartup } from './startup.ts';

const program = new Command('npm run bench:crowd --')
  .description(
    'Processor time and memory of each peer: in a room where all send, and of idle ones in a room of ten; time to start.',
  )
  .option('--json', 'print the figures as one JSON document as the last line')
  .option('--peers <n>', 'how many are in the large room', positive, 50)
  .option(
    '--processes <n>',
    'how many processes they share; left out: one each, if half of the free memory holds them',
    positive,
  )
  .option('--seconds <n>', 'how long each room is measured, in seconds', positive, 10)
  .parse();
const options = program.opts<{ json?: true; peers: number; processes?: number; seconds: number }>();
const { json, peers, processes, seconds } = options;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const startup = await measureStartup(say);
say(startupText(startup));
const idle = await measureIdle({ seconds, say });
say(idleText(idle));
const crowd = await measureCrowd({ peers, processes, seconds, say });
const text = `${crowdText(crowd)}\n${idleText(idle)}\n${startupText(startup)}`;
process.stdout.write(`${json ? JSON.stringify({ crowd, idle, startup }) : text}\n`);
