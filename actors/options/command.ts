/** The options of a peer: their names, their defaults, and what `--help` says of them. */
import { Command, Option } from 'commander';
import type { Codec } from '../../infra/codec/codec.ts';
import { formatRate } from '../../infra/units/rate.ts';
import type { Wants } from '../../machines/messages.ts';
import type { Latency } from '../media/repair/patience.ts';
import type { RawSharedOptions, RawSink, RawSource } from './contract.ts';
import { addKeyOptions } from './keys.ts';
import { addNatsOptions } from './nats.ts';
import { DEFAULT_PAYLOAD_TYPE } from './own-streams.ts';
import { addPhoneOptions } from './phone.ts';
import { addReachOptions } from './reach.ts';
import { parseSource } from './source.ts';
import {
  parseAdvertise,
  parseBitrate,
  parseBps,
  parseCodecName,
  parseId,
  parseLatency,
  parseListen,
  parseName,
  parsePayloadType,
  parsePercent,
  parseSink,
  parseUpload,
  parseUsefulRate,
} from './values.ts';
import { parseWants } from './wants.ts';

const DEFAULT_BITRATE_BPS = 1_000_000;
/** In percent. The rest is for what is not RTP: reports, headers below UDP, other programs. */
const DEFAULT_HEADROOM = 95;

/** An option whose value is read by `parse`. */
export const option = <T>(flags: string, text: string, parse: (value: string) => T) =>
  new Option(flags, text).argParser<T>((value) => parse(value));

export function peerCommand(): Command {
  const command = new Command('rpr')
    .usage('--id ID [options]')
    .description('Join a room, show streams, play those of the others, and lend spare upload to them. Ctrl-C leaves.')
    .addOption(
      option('--id <ID>', 'who this is in the room: 1 to 32 of A-Z a-z 0-9 _ -', parseId).makeOptionMandatory(),
    );
  addKeyOptions(addRoomOptions(command));
  addUplinkOptions(addNatsOptions(command));
  addReachOptions(command)
    .addOption(
      new Option(
        '--source <SOURCE>',
        'what to show, once for each stream (at most 8): none; test: packets at exactly the bitrate; ' +
          'rtp:PORT: the RTP that a program of this machine sends to PORT; sdp:FILE: each stream of the SDP file that ' +
          'such a program writes, which tells its format. Behind it any of ' +
          ',name=NAME ,codec=NAME/HZ ,payload-type=NUMBER ,media=KIND ,bitrate=RATE ' +
          '(left out: as the options of these names say), ,group=NAME ,layer=NUMBER (streams of one group show the ' +
          'same, a higher layer at a higher rate), ,rtcp=HOST:PORT (where the program takes RTCP, by which it is asked for ' +
          'key frames; left out: where its own comes from, which it sends to PORT or, if PORT is even, to the next ' +
          'one), and last ,fmtp=PARAMETERS (as in SDP, commas included). Names are ' +
          'camera, screen, video-3 … for video, voice, audio-2 … for audio, GROUP-LAYER in a group, unless given ' +
          '(default: test)',
      ).argParser<RawSource[]>((value, before) => [...(before ?? []), parseSource(value)]),
    )
    .addOption(
      option('--bitrate <RATE>', 'rate of a stream, bit/s, or MIN-MAX for a free one', parseBitrate).default(
        { minBps: DEFAULT_BITRATE_BPS, maxBps: DEFAULT_BITRATE_BPS },
        formatRate(DEFAULT_BITRATE_BPS),
      ),
    )
    .addOption(
      option('--codec <NAME/HZ>', 'format of a stream, e.g. H264/90000 or opus/48000/2', parseCodecName).default(
        { name: 'VP8', clockRate: 90_000 } satisfies Codec,
        'VP8/90000',
      ),
    )
    .addOption(
      new Option('--media <KIND>', 'what the codec carries (default: as the codec says)').choices(['audio', 'video']),
    )
    .addOption(
      option(
        '--payload-type <NUMBER>',
        'RTP payload type of a stream, 0 to 127: what a program sends under another is left out ' +
          `(default: ${DEFAULT_PAYLOAD_TYPE}, which stands for whatever the program sends)`,
        parsePayloadType,
      ),
    )
    .addOption(
      option(
        '--want <WANTS>',
        "which of the others' streams to receive: all; none; or a list of ID, ID/STREAM, each with @RATE for at most " +
          'that many bit/s, like A,B/screen,C@800k; of a group the best layer within that',
        parseWants,
      ).default('all' satisfies Wants, 'all'),
    );
  addSinkOptions(command)
    .option('--no-rpr', 'a plain RTP endpoint: called like any other, takes no part in relaying')
    .option(
      '--one-address',
      'with --no-rpr: what receives ties a stream to the address that it comes from first, as rtpbin of GStreamer does: each comes ' +
        'whole on one way, and stays on it as long as anybody gets it that way',
    );
  return addRunOptions(addPhoneOptions(command));
}

/** Who we are to people, and which call it is. */
export function addRoomOptions(command: Command): Command {
  return addRoomOption(
    command.addOption(
      option('--name <TEXT>', 'how people call you: at most 64 characters (default: by the id)', parseName).default(
        '',
        'none',
      ),
    ),
  );
}

export function addRoomOption(command: Command): Command {
  return command.addOption(option('--room <ROOM>', 'which call to join: letters as in an id', parseId).default('main'));
}

/** What the uplink can do, and where media comes in. */
export function addUplinkOptions(command: Command): Command {
  command
    .addOption(
      option(
        '--upload <RATE>',
        'auto: what the uplink carries is measured; or a rate, bit/s: what it carries at most, believed until the line shows that it carries less',
        parseUpload,
      ).default('auto' satisfies RawSharedOptions['upload'], 'auto'),
    )
    .addOption(
      option(
        '--lend <RATE>',
        'how much of the upload others may use, bit/s; 0: nothing (default: all of it)',
        parseBps,
      ),
    )
    .addOption(
      option('--headroom <PERCENT>', 'how much of the upload to use at most, 1 to 100', parsePercent).default(
        DEFAULT_HEADROOM,
      ),
    );
  return addPlaceOptions(command);
}

/** Where media comes in. */
export function addPlaceOptions(command: Command): Command {
  return command
    .addOption(
      option(
        '--listen <HOST:PORT>',
        'where to take RTP and RTCP over UDP, port 0 for any free one, [::1]:5000 for IPv6 ' +
          '(default: 127.0.0.1:0 if the NATS server is on this machine, else 0.0.0.0:0)',
        parseListen,
      ),
    )
    .addOption(
      option(
        '--advertise <HOST>',
        'the address that others send to (default: that of --listen, or the one that reaches the NATS server)',
        parseAdvertise,
      ),
    );
}

/** What is played where. */
export function addSinkOptions(command: Command): Command {
  return command
    .addOption(
      option(
        '--download <RATE>',
        'what the downlink carries at most, bit/s (default: it is measured)',
        parseUsefulRate,
      ),
    )
    .addOption(
      option(
        '--sink <SINK>',
        'where to play the others: none; rtp:HOST:PORT: the first stream at PORT, each next one two ports above; ' +
          'sdp:DIR: each stream at a free port, with DIR/ID.sdp to open all of one peer',
        parseSink,
      ).default({ kind: 'none' } satisfies RawSink, 'none'),
    )
    .addOption(
      option(
        '--latency <MS>',
        'how long what is played waits for a packet that was lost or comes another way, in ms, 0: play all as it comes; ' +
          'auto: as the network needs, at most 400; what comes in order never waits',
        parseLatency,
      ).default('auto' satisfies Latency, 'auto'),
    )
    .option('--sdp-dir <DIR>', 'where --sink rtp: writes its SDP files (default: .rpr/sdp/ROOM/ID)');
}

/** How it runs here. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON log line per event instead of the table')
    .option('--inspect', "publish the state machines' transitions for `npm run inspect`")
    .addOption(
      new Option('--packet-path <KIND>', 'how packets are moved (default: the fastest that runs here)').choices([
        'batched',
        'dgram',
      ]),
    )
    .addOption(
      option(
        '--controller <ID>',
        'join when this id says so, and obey its leave, upload, want and kill commands',
        parseId,
      ),
    );
}
