/** SIP phones that nobody here has written, without a screen. */

export type PhoneVideo = 'VP8' | 'H264';

export interface VideoPhoneOptions {
  /** For its configuration and its snapshots; it may be there. */
  readonly folder: string;
  readonly video: PhoneVideo;
}

export interface VideoPhone extends AsyncDisposable {
  dial(uri: string): void;
  hangUp(): void;
  /** Its person does something else for a while. */
  hold(): void;
  resume(): void;
  /** Without a word, as one that has lost its power. */
  kill(): void;
  /** Its next picture, decoded, as a file; undefined: none came in this time. */
  snapshot(mostMs: number): Promise<string | undefined>;
}
