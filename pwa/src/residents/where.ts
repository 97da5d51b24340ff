/** "Where is it?" by the phone's position or a pin on the map; both only fill in what the page sends. */
import type { Point } from '../shared/distance';
import { type Near, showNear } from './near';

interface Named {
  readonly label: string | null;
  readonly served: boolean;
  readonly near: readonly Near[];
}

const NOT_FOUND: Record<number, string> = {
  1: 'Your browser may not tell us where you are. Type the street, or point on the map.',
  2: 'Your phone does not know where it is just now. Type the street, or point on the map.',
  3: 'Finding your position took too long. Try again in the open, type the street, or point on the map.',
};

export class Pointing {
  readonly #form: HTMLFormElement;
  readonly #fields: ReadonlyMap<string, HTMLInputElement>;
  readonly #said: HTMLElement;
  readonly #forget: HTMLElement;
  readonly #changed: () => void;
  #asked = 0;

  constructor(form: HTMLFormElement, part: HTMLElement, changed: () => void) {
    this.#form = form;
    this.#changed = changed;
    const fields = form.querySelectorAll<HTMLInputElement>('[data-position]');
    this.#fields = new Map([...fields].map((field) => [field.dataset.position ?? '', field]));
    this.#said = part.querySelector<HTMLElement>('[data-said]') ?? part;
    this.#forget = part.querySelector<HTMLElement>('[data-forget]') ?? part;
    this.#forget.addEventListener('click', () => this.clear());
  }

  get point(): Point | null {
    const [lat, lon] = [this.#fields.get('lat')?.value ?? '', this.#fields.get('lon')?.value ?? ''];
    return lat === '' || lon === '' ? null : { lat: Number(lat), lon: Number(lon) };
  }

  say(words: string): void {
    this.#said.textContent = words;
  }

  clear(): void {
    for (const field of this.#fields.values()) field.value = '';
    this.#forget.hidden = true;
    this.#asked += 1;
    showNear(this.#form, []);
    this.#changed();
    this.say('The position was taken out. Type the street, or say in words where it is.');
  }

  use(source: 'gps' | 'pin', point: Point, accuracyM: number | null): void {
    const values = { source, lat: point.lat.toFixed(6), lon: point.lon.toFixed(6), accuracy: accuracyM ?? '' };
    for (const [name, value] of Object.entries(values)) {
      const field = this.#fields.get(name);
      if (field !== undefined) field.value = String(value);
    }
    this.#forget.hidden = false;
    for (const choice of this.#form.querySelectorAll<HTMLInputElement>('[name=choice]')) {
      if (choice.type === 'radio') choice.checked = false;
      else choice.disabled = true;
    }
    this.#changed();
    void this.#name(source, point, accuracyM);
  }

  /** A position kept from before: said as it was when it was taken. */
  resume(): void {
    const { point } = this;
    if (point === null) return;
    this.#forget.hidden = false;
    const gps = this.#fields.get('source')?.value === 'gps';
    const accuracy = this.#fields.get('accuracy')?.value ?? '';
    void this.#name(gps ? 'gps' : 'pin', point, accuracy === '' ? null : Number(accuracy));
  }

  /** A place from the list was chosen: it needs no name, only what was reported near it. */
  async lookAround(point: Point): Promise<void> {
    const asking = ++this.#asked;
    const named = await nameOf(point);
    if (asking === this.#asked) showNear(this.#form, named?.near ?? []);
  }

  /** Names the place; a newer position asked about meanwhile wins. */
  async #name(source: 'gps' | 'pin', point: Point, accuracyM: number | null): Promise<void> {
    const asking = ++this.#asked;
    const where = source === 'gps' ? `Your position, to within ${Math.round(accuracyM ?? 0)} metres` : 'The pin';
    const named = await nameOf(point);
    if (asking !== this.#asked) return;
    showNear(this.#form, named?.near ?? []);
    if (named === null) this.say(`${where} is set. We could not look up what the place is called. That does no harm.`);
    else if (!named.served) this.say(`${where} is outside the area this council serves. Move the pin, or type the street.`);
    else this.say(`${where}: ${named.label ?? 'no name known'}. If that is right, go on.`);
  }
}

async function nameOf({ lat, lon }: Point): Promise<Named | null> {
  try {
    const answer = await fetch(`/report/place.json?lat=${lat.toFixed(6)}&lon=${lon.toFixed(6)}`);
    return answer.ok ? ((await answer.json()) as Named) : null;
  } catch {
    return null;
  }
}

export function pointOut(form: HTMLFormElement, changed: () => void): void {
  const part = form.querySelector<HTMLElement>('[data-pointing]');
  const map = part?.querySelector<HTMLElement>('[data-map]');
  if (part === null || map === null || map === undefined) return;
  const pointing = new Pointing(form, part, changed);
  part.hidden = false;
  // What was chosen last counts: a place from the list takes the position out again.
  form.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== 'choice' || target.value === 'none') return;
    if (pointing.point !== null) pointing.clear();
    const [lat, lon] = target.value.split(',').map(Number);
    if (lat !== undefined && lon !== undefined) void pointing.lookAround({ lat, lon });
  });
  if (pointing.point !== null) pointing.resume();
  const locate = part.querySelector<HTMLButtonElement>('[data-locate]');
  if (!('geolocation' in navigator)) locate?.remove();
  locate?.addEventListener('click', () => {
    pointing.say('Finding your position…');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => pointing.use('gps', { lat: coords.latitude, lon: coords.longitude }, coords.accuracy),
      (error) => pointing.say(NOT_FOUND[error.code] ?? NOT_FOUND[2] ?? ''),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 },
    );
  });
  const open = part.querySelector<HTMLButtonElement>('[data-open-map]');
  open?.addEventListener('click', () => {
    open.setAttribute('aria-expanded', 'true');
    open.disabled = true;
    void openMap(map, pointing, open);
  });
}

async function openMap(holder: HTMLElement, pointing: Pointing, button: HTMLButtonElement): Promise<void> {
  pointing.say('Opening the map…');
  try {
    const { showPinMap } = await import('./pin-map');
    await showPinMap(holder, pointing);
    button.hidden = true;
  } catch {
    pointing.say('The map could not be loaded. Type the street, or say in words where it is.');
    button.disabled = false;
    button.setAttribute('aria-expanded', 'false');
  }
}
