/** Microphone, camera and speaker as the page knows them: what there is, what is chosen, and what keeps one from working. */

export type DeviceKind = 'microphone' | 'camera';

/**
 * `off`: not wanted. `asking`: the browser asks the person. `denied`: the person or the browser said no. `missing`: there
 * is none. `busy`: another program has it. `silenced`: it is there, and the system or a switch on it gives nothing of it. `unplugged`:
 * it was there and is gone. `insecure`: the browser gives no devices to a page of this address.
 */
export type DeviceState =
  | { readonly is: 'off' | 'asking' | 'denied' | 'missing' | 'busy' | 'insecure' }
  /** `insteadOf`: label of the one that was unplugged, for which this one stands in until that is back; null: for none. */
  | { readonly is: 'on'; readonly id: string; readonly label: string; readonly insteadOf: string | null }
  | { readonly is: 'silenced' | 'unplugged'; readonly id: string; readonly label: string };

export interface Device {
  readonly id: string;
  /** Empty until the person has allowed some device. */
  readonly label: string;
}

export interface Devices {
  readonly microphone: DeviceState;
  readonly camera: DeviceState;
  readonly microphones: readonly Device[];
  readonly cameras: readonly Device[];
  readonly speakers: readonly Device[];
  /** Id; empty: the system's own. */
  readonly speaker: string;
}

export const NO_DEVICES: Devices = {
  microphone: { is: 'off' },
  camera: { is: 'off' },
  microphones: [],
  cameras: [],
  speakers: [],
  speaker: '',
};

/** Names of `DOMException`s of `getUserMedia` (Media Capture and Streams, section 10.3). */
const REASONS: Readonly<Record<string, 'denied' | 'missing' | 'busy'>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  DevicesNotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** @param name of what `getUserMedia` threw */
export function refusalOf(name: string): 'denied' | 'missing' | 'busy' {
  return REASONS[name] ?? 'busy';
}
