import { useSyncExternalStore } from 'react';

/**
 * Shortcuts of a single character can be turned off (WCAG 2.1.4): speech control and shaking hands set them off by chance.
 */
const KEY = 'earshot-shortcuts';
const listeners = new Set<() => void>();

export function shortcutsOn(): boolean {
  return window.localStorage.getItem(KEY) !== 'off';
}

export function setShortcuts(on: boolean): void {
  window.localStorage.setItem(KEY, on ? 'on' : 'off');
  for (const listener of listeners) listener();
}

export function useShortcutsOn(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, shortcutsOn);
}

/** What the player does for each key; `KeyboardEvent.key`. */
export type Shortcuts = Readonly<Record<string, (() => void) | undefined>>;

/** Whether a key belongs to what has the focus rather than to the player. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null)
    return true;
  if (target.closest('input:not([type="range"]), textarea, select') !== null) return true;
  if (event.key === ' ') return target.closest('button, a, [role="button"], [role="slider"], summary') !== null;
  if (event.key.startsWith('Arrow'))
    return target.closest('[role="tab"], [role="slider"], input[type="range"]') !== null;
  return false;
}

export const HELP: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['Space', 'K'], 'Play or pause'],
  [['J', 'L'], 'Back or on by 10 seconds'],
  [['←', '→'], 'Back or on by 5 seconds'],
  [['Home', 'End'], 'To the beginning or the end, when the wave form has the focus'],
  [['<', '>'], 'Slower or faster'],
  [['1', '2'], 'Mute the first or the second party'],
  [['0'], 'Hear both again'],
  [['M'], 'Mute all'],
  [['?'], 'This help'],
  [['/'], 'To the search box, in the list'],
];
