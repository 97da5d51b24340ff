/** Shows chosen photos before they are sent, says at once what cannot be taken, and keeps them on the device meanwhile. */
import { pickPhotos } from '../capture/photos';
import { createStorageWatch } from '../capture/storage';
import type { NewPhoto } from '../outbox/types';
import type { DeviceDraft } from './device-draft';
import { element, secondButton } from './element';

function nameOf(photo: NewPhoto, place: number): string {
  return `Photo ${place + 1}.${photo.mime.replace(/^image\//, '').replace('jpeg', 'jpg')}`;
}

function preview(photo: NewPhoto, place: number, remove: () => void): HTMLLIElement {
  const item = element('li');
  const picture = element('img');
  picture.alt = `Photo ${place + 1}`;
  picture.src = URL.createObjectURL(new Blob([photo.bytes], { type: photo.mime }));
  const cannot = element('p', 'cannot', 'Cannot be shown here, but can be sent');
  picture.addEventListener('load', () => URL.revokeObjectURL(picture.src));
  picture.addEventListener('error', () => picture.replaceWith(cannot));
  item.append(picture, secondButton(`Take out photo ${place + 1}`, remove));
  return item;
}

/** The chosen photos of one form. What the browser's own chooser holds is always what is shown. */
export class ChosenPhotos {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly draft: DeviceDraft;
  private readonly said: HTMLElement;
  private readonly storage = createStorageWatch(navigator.storage, [() => this.draft.freeChecked()]);

  constructor(input: HTMLInputElement, list: HTMLElement, draft: DeviceDraft) {
    this.input = input;
    this.list = list;
    this.draft = draft;
    this.said = element('p', 'govuk-hint');
    this.said.setAttribute('role', 'status');
    list.before(this.said);
    input.addEventListener('change', () => void this.add([...(input.files ?? [])]));
    this.show([]);
  }

  private async add(files: File[]): Promise<void> {
    const { photos, messages } = await pickPhotos(files, this.draft.photos, () => this.storage.hasRoom());
    // What the browser shows as chosen again is what was there already, and no news.
    const news = messages.filter((message) => !message.endsWith('is here already.'));
    const room = Math.max(0, Number(this.input.dataset.room ?? 12) - this.draft.photos.length);
    if (photos.length > room) news.push(`There is room for ${this.input.dataset.room ?? 12} photos: the others were left out.`);
    this.draft.photos = [...this.draft.photos, ...photos.slice(0, room)];
    // Seen means kept: a page that is closed right afterwards has it still.
    await this.draft.keep();
    this.show(news);
  }

  private remove(photo: NewPhoto): void {
    this.draft.photos = this.draft.photos.filter((other) => other !== photo);
    this.show([]);
    this.input.focus();
    void this.draft.keep();
  }

  private show(messages: string[]): void {
    const { photos } = this.draft;
    this.list.replaceChildren(...photos.map((photo, place) => preview(photo, place, () => this.remove(photo))));
    this.list.hidden = photos.length === 0;
    const chosen = photos.length === 1 ? '1 photo chosen.' : `${photos.length} photos chosen.`;
    this.said.textContent = [...messages, ...(photos.length > 0 ? [chosen] : [])].join(' ');
    this.hold(photos);
  }

  /** A form sent the plain way takes its files from the chooser. */
  private hold(photos: readonly NewPhoto[]): void {
    const files = new DataTransfer();
    photos.forEach((photo, place) => files.items.add(new File([photo.bytes], nameOf(photo, place), { type: photo.mime })));
    this.input.files = files.files;
  }
}

export function showPhotos(form: HTMLFormElement, draft: DeviceDraft): void {
  const there = new Set([...document.querySelectorAll<HTMLElement>('[data-there]')].map(({ dataset }) => dataset.there));
  if (draft.photos.some(({ sha256 }) => there.has(sha256))) {
    draft.photos = draft.photos.filter(({ sha256 }) => !there.has(sha256));
    void draft.keep();
  }
  const input = form.querySelector<HTMLInputElement>('[data-photos]');
  const list = form.querySelector<HTMLElement>('[data-previews]');
  if (input !== null && list !== null) new ChosenPhotos(input, list, draft);
}
