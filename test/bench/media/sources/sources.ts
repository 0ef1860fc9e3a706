/** The programs of the lab that feed an owner's streams, as its cases start them. */
import type { Lab } from '../lab.ts';
import { SOURCE_PORT, startProgram } from '../programs.ts';

const urlOf = (program: string) => new URL(program, import.meta.url);

/** Video whose key frames are far larger than all else. */
export interface KeyFrames {
  readonly frameMs: number;
  /** In frames. */
  readonly keyEvery: number;
  /** In packets of 1200 bytes. */
  readonly keyPackets: number;
  readonly packets: number;
}

export function sendKeyFrames(lab: Lab, host: string, { frameMs, keyEvery, keyPackets, packets }: KeyFrames): void {
  startProgram(lab, host, urlOf('key-frames.ts'), SOURCE_PORT, frameMs, keyEvery, keyPackets, packets);
}

/** Video that has a key frame at its start and on request. */
export function sendOnRequest(lab: Lab, host: string): void {
  startProgram(lab, host, urlOf('on-request.ts'), SOURCE_PORT);
}

export function sendVoiceAndCamera(lab: Lab, host: string, voicePort: number, cameraPort: number): void {
  startProgram(lab, host, urlOf('voice-and-camera.ts'), voicePort, cameraPort);
}
