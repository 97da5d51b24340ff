/** What every screen reaches: the outbox, the capture, the time, and the few things that outlive a screen. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Capture, PhotoDraft, ReportDraft, ResultDraft } from '../capture/types';
import type { Outbox } from '../outbox/types';
import type { Id, ReportKind } from '../wire/types';
import { go } from '../parts/route';
import { track } from './taking';

export interface Updates {
  /** True when a newer Tipwatch is on this phone and waits to be used. */
  readonly ready: ReadonlySignal<boolean>;
  apply(): void;
}

/** What the full-screen tick tells; only ever made from an answer of the outbox's save. */
export interface JustSaved {
  readonly id: Id;
  readonly receiptCode: string | null;
  readonly kind: ReportKind;
  readonly category: string;
  readonly joined: string | null;
  readonly needsPlace: boolean;
  /** Photos in the saved report. */
  readonly photos: number;
}

export interface App {
  readonly outbox: Outbox;
  readonly capture: Capture;
  readonly updates: Updates;
  /** Whether this browser sends what waits with Tipwatch closed; on others nothing goes unless it is open. */
  readonly sendsClosed: boolean;
  readonly version: string;
  /** The time screens tell ages against; ticks. */
  readonly now: ReadonlySignal<Date>;
  /** The report being written now. */
  readonly draft: Signal<ReportDraft | null>;
  /** How the job last looked at ended, being told now. */
  readonly result: Signal<ResultDraft | null>;
  readonly saved: Signal<JustSaved | null>;
  /** Said aloud by screen readers without moving the focus. */
  readonly said: Signal<string>;
  /** Opens the phone's camera, or its photos, and hands over what was picked. Must run inside the tap. */
  readonly take: (from: 'camera' | 'phone', use: (files: readonly File[]) => void) => void;
}

const Context = createContext<App | null>(null);

export const AppProvider = Context.Provider;

export function useApp(): App {
  const app = useContext(Context);
  if (app === null) throw new Error('A screen was drawn outside the app');
  return app;
}

export type AppParts = Pick<App, 'outbox' | 'capture' | 'updates' | 'sendsClosed' | 'version' | 'now' | 'take'>;

export function makeApp(parts: AppParts): App {
  return { ...parts, draft: signal(null), result: signal(null), saved: signal(null), said: signal('') };
}

/** Adds picked files to a draft and tells, in plain words, about those that could not be taken. */
export async function addPhotos(app: App, draft: PhotoDraft, files: readonly File[]): Promise<void> {
  const messages = await track(draft.addPhotos(files));
  const count = draft.photos.value.length;
  app.said.value = [...messages, `${count} ${count === 1 ? 'photo' : 'photos'} so far`].join('. ');
  problems.value = messages;
}

/** What went wrong with the files picked last. */
export const problems = signal<readonly string[]>([]);

export interface Beginning {
  readonly kind: ReportKind;
  readonly category: string | null;
  readonly joins?: Id;
  readonly place?: { readonly lat: number; readonly lon: number };
}

/** More than 14 days since the council last knew this person here: signing in comes before anything new. */
export function graceIsOver({ outbox, now }: App): boolean {
  const session = outbox.session.value;
  return 'graceEndsAt' in session && now.value.getTime() > Date.parse(session.graceEndsAt);
}

/**
 * Begins a report and opens the camera in the same tap; the form lies behind the camera. The draft is stored first,
 * without waiting for it: a browser opens the camera only while the tap lasts, and phones may kill the page then.
 */
export function beginReport(app: App, { kind, category, joins, place }: Beginning): void {
  if (graceIsOver(app)) {
    go('sign-in');
    return;
  }
  const draft = app.capture.begin(kind, category);
  if (joins !== undefined) draft.set({ joins });
  if (place !== undefined) draft.placePin(place.lat, place.lon);
  app.draft.value = draft;
  problems.value = [];
  void draft.keep();
  app.take('camera', (files) => void addPhotos(app, draft, files));
  go('report');
}
