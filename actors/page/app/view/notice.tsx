/** One line above the tiles. */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

interface NoticeProps {
  readonly icon: IconName;
  readonly look: 'calm' | 'warning';
  readonly children: ComponentChildren;
}

export function Notice({ icon, look, children }: NoticeProps) {
  return (
    <div class={`notice is-${look}`}>
      <Icon name={icon} />
      {children}
    </div>
  );
}
