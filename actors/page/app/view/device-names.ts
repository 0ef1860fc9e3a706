/** Names of devices as people know them. */
import type { Device } from '../state/devices.ts';
import type { Say } from '../text/text.ts';

type Kind = 'microphone' | 'camera' | 'speaker';

/** Browsers give no labels until a device was allowed. */
export function nameOf(label: string, kind: Kind, say: Say, number = 1): string {
  return label === '' ? say('device.unnamed', { kind: say(`device.${kind}`), number }) : label;
}

export function choicesOf(devices: readonly Device[], kind: Kind, say: Say) {
  return devices.map(({ id, label }, index) => ({ id, label: nameOf(label, kind, say, index + 1) }));
}
