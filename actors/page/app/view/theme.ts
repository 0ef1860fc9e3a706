/** Light or dark, as the person chose or as the system is. */
import { useState } from 'preact/hooks';
import type { Preferences } from '../media/preferences.ts';
import { useCall } from './context.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

function themeOf(text: string): Theme {
  return THEMES.find((each) => each === text) ?? 'system';
}

export function showTheme(theme: Theme, root: HTMLElement = document.documentElement): void {
  root.dataset.theme = theme;
}

export function useTheme(): [Theme, (theme: string) => void] {
  const { preferences } = useCall();
  const [theme, set] = useState(keptTheme(preferences));
  return [
    theme,
    (text) => {
      const next = themeOf(text);
      preferences.set('theme', next);
      showTheme(next);
      set(next);
    },
  ];
}

export function keptTheme(preferences: Preferences): Theme {
  return themeOf(preferences.get('theme'));
}
