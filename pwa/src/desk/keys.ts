/** The desk's single keys: which command a key press means, and the choice to do without them. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export type Command =
  | 'next'
  | 'previous'
  | 'accept'
  | 'decide'
  | 'select'
  | 'search'
  | 'help'
  | 'undo'
  | 'fresh'
  | 'photos'
  | 'leave';

/** In the order of the help sheet. */
export const KEYS: readonly (readonly [key: string, command: Command, does: string])[] = [
  ['j', 'next', 'Next case'],
  ['k', 'previous', 'Case before'],
  ['a', 'accept', 'Accept the case, or all the selected ones'],
  ['d', 'decide', 'Decide another way: duplicate, not ours, no evidence, close, reopen'],
  ['x', 'select', 'Select the case, or take it out of the selection'],
  ['z', 'undo', 'Undo what was decided last'],
  ['n', 'fresh', 'Bring in the new cases'],
  ['p', 'photos', 'Look at the photos of the open case'],
  ['/', 'search', 'Search'],
  ['?', 'help', 'This sheet'],
  ['Escape', 'leave', 'Leave the open case, go back to the list'],
];

const commands: ReadonlyMap<string, Command> = new Map(KEYS.map(([key, command]) => [key, command]));

const CHOICE = 'tipwatch-desk-keys';

function remembered(): boolean {
  try {
    return localStorage.getItem(CHOICE) !== 'off';
  } catch {
    // Storage may be forbidden; the keys then work until the desk is closed.
    return true;
  }
}

/** Single keys can be turned off: speech input and unsteady hands press them by accident (WCAG 2.2, 2.1.4). */
export const singleKeys = signal(remembered());

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  try {
    if (on) localStorage.removeItem(CHOICE);
    else localStorage.setItem(CHOICE, 'off');
  } catch {
    // The choice then lasts until the desk is closed.
  }
}

/** Escape leaves a field, which is no single-key shortcut; every other key typed there is text. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

export function commandOf(event: KeyboardEvent): Command | null {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return null;
  // An open dialog has keys of its own.
  if (document.querySelector('dialog[open]') !== null) return null;
  const command = commands.get(event.key) ?? null;
  if (command === 'leave') return isTyping(event.target) ? null : command;
  return !singleKeys.value || isTyping(event.target) ? null : command;
}

/** Listens on the whole page; what a screen does not answer to stays with the browser. */
export function useCommands(does: Partial<Record<Command, () => void>>): void {
  const latest = useRef(does);
  latest.current = does;
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const command = commandOf(event);
      const act = command === null ? undefined : latest.current[command];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
