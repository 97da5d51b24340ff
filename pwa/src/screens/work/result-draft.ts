/** The result of a job while it is being put together: its photos, and whether it is on its way to storage. */
import { signal } from '@preact/signals';
import type { PickedPhoto } from '../../capture/types';
import type { Id } from '../../wire/types';
import type { App } from '../app';
import { track } from '../taking';

export interface ShownPhoto {
  readonly photo: PickedPhoto;
  /** Null when this phone cannot show the format. */
  readonly url: string | null;
}

export interface ResultDraft {
  readonly job: Id | null;
  readonly photos: readonly ShownPhoto[];
  readonly messages: readonly string[];
}

const empty: ResultDraft = { job: null, photos: [], messages: [] };

export const resultDraft = signal<ResultDraft>(empty);

export function forgetResult(): void {
  for (const { url } of resultDraft.value.photos) if (url !== null) URL.revokeObjectURL(url);
  resultDraft.value = empty;
}

export function addResultPhotos(app: App, files: readonly File[]): Promise<void> {
  return track(addPicked(app, files));
}

async function addPicked(app: App, files: readonly File[]): Promise<void> {
  const { photos, messages } = await app.capture.pick(files);
  const shown = await Promise.all(
    photos.map(async (photo) => ({ photo, url: await app.capture.thumbnail(photo.bytes, photo.mime) })),
  );
  const before = resultDraft.value;
  resultDraft.value = { ...before, photos: [...before.photos, ...shown], messages };
}

/** Begins a result; with `camera`, opens it in the same tap, for the photo after the work. */
export function beginResult(app: App, job: Id, camera: boolean): void {
  forgetResult();
  resultDraft.value = { ...empty, job };
  if (camera) app.take('camera', (files) => void addResultPhotos(app, files));
}
