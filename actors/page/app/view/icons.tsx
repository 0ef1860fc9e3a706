/** The page's signs: lines on a grid of 24, in the colour of the text around them. */

const SHAPES = {
  microphone: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3ZM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6',
  'microphone-off':
    'M9 9v2a3 3 0 0 0 4.5 2.6M15 11V6a3 3 0 0 0-5.7-1.3M6 11a6 6 0 0 0 9.2 5M18 11a6 6 0 0 1-.6 2.6M12 17v4M9 21h6M4 3l16 18',
  camera: 'M5 6h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2ZM15 11l6-3.5v9L15 13',
  'camera-off':
    'M8 6h5a2 2 0 0 1 2 2v5M15 16a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 .9-1.7M15 11l6-3.5v9l-3-1.8M3 3l18 18',
  screen:
    'M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1ZM8 21h8M12 17v4M12 13.5V8.5M9.5 10.8 12 8.3l2.5 2.5',
  leave: 'M3.5 14.5c-1-4 4-6.5 8.5-6.500s9.5 2.5 8.5 6.500l-3.7-.9v-2.300a14 14 0 0 0-9.6 0v2.300Z',
  chat: 'M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM8 9.500h8M8 12.500h5',
  room: 'M12 5.500a2 2 0 1 0 0-.01M5.5 18.500a2 2 0 1 0 0-.01M18.5 18.500a2 2 0 1 0 0-.01M11 7.300l-4.5 9M13 7.300l4.5 9M7.8 18.500h8.4',
  invite: 'M10 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 20c.5-3.6 3.4-5.5 7-5.5 1.5 0 2.9.3 4 1M18 14v6M15 17h6',
  settings:
    'M4 7h9M17 7h3M15 9.200a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400ZM4 17h3M11 17h9M9 19.200a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400Z',
  close: 'M6 6l12 12M18 6 6 18',
  pin: 'M9 4h6l-.7 6 2.7 3H7l2.7-3ZM12 13v7',
  pause: 'M9 6v12M15 6v12',
  play: 'M8 5.500v13l10-6.500Z',
  fullscreen: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  pip: 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1ZM12 12h6v4.500h-6Z',
  saver: 'M4 10v4M8 7v10M12 4v16M16 7v10M20 10v4',
  send: 'M4 12l16-8-5 16-3.5-6.500ZM11.5 13.5 20 4',
  speaker: 'M4 9.500v5h3.500L12 19V5L7.5 9.500ZM15.5 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11',
  warning: 'M12 4 2.8 20h18.400ZM12 10v4.500M12 17.200v.3',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.700l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.700l1-1',
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
