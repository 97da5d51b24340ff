/** Sunlight mode: chosen by hand, or asked for by the phone's contrast setting. Dark mode is the style sheet's own. */
import { effect, signal } from '@preact/signals';

const KEY = 'tipwatch-look';

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) === 'sunlight';
  } catch {
    // Storage may be forbidden; the look is then as the phone asks.
    return false;
  }
}

export const sunlight = signal(remembered());

export function setSunlight(on: boolean): void {
  sunlight.value = on;
  try {
    if (on) localStorage.setItem(KEY, 'sunlight');
    else localStorage.removeItem(KEY);
  } catch {
    // The choice then lasts until Tipwatch is closed.
  }
}

export function followLook(root: HTMLElement): void {
  const moreContrast = window.matchMedia('(prefers-contrast: more)');
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const asked = signal(moreContrast.matches && !dark.matches);
  for (const query of [moreContrast, dark]) {
    query.addEventListener('change', () => {
      asked.value = moreContrast.matches && !dark.matches;
    });
  }
  effect(() => {
    if (sunlight.value || asked.value) root.dataset.look = 'sunlight';
    else delete root.dataset.look;
  });
}
