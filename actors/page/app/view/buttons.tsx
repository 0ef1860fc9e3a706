/** Buttons of the page: a sign, a name that is always spoken, and a caption where there is room. */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

interface IconButtonProps {
  readonly icon: IconName;
  /** Spoken, and shown when the pointer rests on it. */
  readonly label: string;
  /** @param button that was pressed */
  readonly onClick: (button: HTMLButtonElement) => void;
  readonly class?: string;
  readonly expanded?: boolean;
  readonly children?: ComponentChildren;
}

export function IconButton({ icon, label, onClick, expanded, children, class: name = '' }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${name}`}
      aria-label={label}
      title={label}
      aria-expanded={expanded}
      onClick={({ currentTarget }) => onClick(currentTarget)}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}

interface ToolProps extends IconButtonProps {
  readonly caption: string;
  /** Shown as something that is off and could be on. */
  readonly off?: boolean;
  readonly on?: boolean;
}

/** A large button of the bar at the bottom. */
export function Tool({ icon, label, caption, onClick, off = false, on = false, class: name = '' }: ToolProps) {
  return (
    <button
      type="button"
      class={`tool ${off ? 'is-off' : ''} ${on ? 'is-on' : ''} ${name}`}
      aria-label={label}
      title={label}
      onClick={(event) => {
        onClick(event.currentTarget);
        // A button that was clicked with a pointer would keep space for itself, and space is for talking.
        if (event.detail > 0) event.currentTarget.blur();
      }}
    >
      <span class="tool-face">
        <Icon name={icon} />
      </span>
      <span class="tool-caption" aria-hidden="true">
        {caption}
      </span>
    </button>
  );
}
