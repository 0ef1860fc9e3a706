/**
 * The picture of the test source: colour bars, 160x90, as one VP8 key frame (RFC 6386). Made with
 * `ffmpeg -f lavfi -i smptebars=size=160x90 -frames:v 1 -c:v libvpx -qmin 50 -qmax 63 -f ivf bars.ivf`, without the
 * 44 bytes of file and frame header. Decoders ignore what follows a key frame's data, so filler may.
 */
const BASE64 = [
  'MA8AnQEqoABaAALHCIWFiJmEiCwCG+RK81G/ZunQ0H3vzCNJf7vDVvEYYHz9AyIGbpVWpL6ds8//oMh3Q8TdcLi8/5vz/q7TXC3RtY8MHxgJ',
  'gabDCO2yWkwi/lOv62S0mEaZ3teLybXH5h0H1D0bf8cf5oiyEfyR8E/V4kwrD11CacD+41SbHNyPizc4tDya5VW3BTgS8L8qzkx2kK2obiWt',
  'e8bYBLOuJSl3LCU8YV6o6qtBpshSyAnqDmj07UHLuBAqSvFT1ZS8GvF0sovbKnTp88A9wyO9Q2q2KaRSIMU4E3zI0xuz9yiveSIa9XNn1nwP',
  'IOW8Np8xCNHoDtg9I5T2Gjy0DWcF3yX8jfEUtgtDAWmFiXopjUbzARL2ZM+2lepgTdC8mEAvayTebmeMJKRmFm8C2CSoE0AahBaD0hIA',
].join('');

export const TEST_PICTURE: Uint8Array = Buffer.from(BASE64, 'base64');
