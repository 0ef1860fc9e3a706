/** What players are told of a codec beyond its name, and of which codecs the name says enough. */
import test from 'ava';
import { mediaOf, parseCodec } from '../../infra/codec/codec.ts';
import { isDescribed, parameterOf, usualParameters } from '../../infra/sdp/format-parameters.ts';
import { sessionDescription } from '../../infra/sdp/sdp.ts';

function codec(text: string) {
  const parsed = parseCodec(text);
  if (parsed === undefined) throw new Error(`${text} is no codec`);
  return parsed;
}

test("AAC's configuration follows from its rate and channels, as encoders write it", (t) => {
  const config = (text: string) => parameterOf(usualParameters(codec(text)) ?? '', 'config');
  t.is(config('mpeg4-generic/48000/2'), '1190');
  t.is(config('MPEG4-GENERIC/44100/2'), '1210');
  t.is(config('mpeg4-generic/44100'), '1208');
  t.is(config('mpeg4-generic/16000/1'), '1408');
  t.is(config('mpeg4-generic/48000/8'), '11b8');
  t.is(config('mpeg4-generic/47999/2'), undefined);
  t.is(config('mpeg4-generic/48000/9'), undefined);
});

test('players are told it where nobody has told better', (t) => {
  const stream = { port: 5000, media: 'audio', codec: codec('mpeg4-generic/48000/2'), payloadType: 97 } as const;
  const told = (fmtp: string) =>
    sessionDescription({ sessionId: 1, name: 'A', host: '127.0.0.1', streams: [{ ...stream, fmtp }] });
  t.regex(told(''), /^a=fmtp:97 .*mode=AAC-hbr;sizelength=13;.*config=1190\r$/m);
  t.regex(told('mode=AAC-lbr;config=1208'), /^a=fmtp:97 mode=AAC-lbr;config=1208\r$/m);
});

test('what only the encoder knows has to be told', (t) => {
  for (const text of ['vorbis/48000/2', 'MP4A-LATM/48000/2', 'mpeg4-generic/47999/2']) {
    t.false(isDescribed(codec(text), ''), text);
    t.true(isDescribed(codec(text), 'config=1190'), text);
  }
  for (const text of ['opus/48000/2', 'H264/90000', 'mpeg4-generic/48000/2', 'X-OWN/90000']) {
    t.true(isDescribed(codec(text), ''), text);
  }
});

test('a parameter is found by its name, in any case and with any space around it', (t) => {
  t.is(parameterOf('packetization-mode=1; Sprop-Parameter-Sets=Z2Q=,aOs=;x', 'sprop-parameter-sets'), 'Z2Q=,aOs=');
  t.is(parameterOf('my-config=1', 'config'), undefined);
  t.is(parameterOf('', 'config'), undefined);
});

test('all encodings of sound count as sound, and all of pictures as pictures', (t) => {
  const sound = [
    ...['opus/48000/2', 'opus/48000', 'PCMU/8000', 'PCMA/8000', 'G722/8000', 'L16/44100/2', 'L16/48000', 'L24/48000'],
    ...['mpeg4-generic/48000', 'MPEG4-GENERIC/90000', 'MP4A-LATM/90000', 'AC3/48000', 'eac3/48000', 'MPA/90000'],
    ...['speex/16000', 'vorbis/44100', 'AMR/8000', 'AMR-WB/16000', 'iLBC/8000', 'GSM/8000', 'telephone-event/8000'],
    ...['CN/8000', 'G729/8000', 'EVS/16000', 'SILK/24000'],
  ];
  const pictures = ['VP8/90000', 'VP9/90000', 'H264/90000', 'H265/90000', 'AV1/90000', 'JPEG/90000', 'raw/90000'];
  for (const text of sound) t.is(mediaOf(codec(text)), 'audio', text);
  for (const text of pictures) t.is(mediaOf(codec(text)), 'video', text);
});
