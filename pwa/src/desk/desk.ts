/** What every screen of the desk reaches: the calls, who is signed in, whether the council answers, what is said. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Api } from '../wire/api';
import { NoNetwork, Refused } from '../wire/client';
import type { DeskApi } from '../wire/desk-api';
import type { Authority, PlacesMap, Reference, User } from '../wire/types';

export type Session =
  | { readonly status: 'loading' | 'signed_out' | 'unreachable' }
  | { readonly status: 'signed_in'; readonly user: User; readonly authority: Authority };

export interface Desk {
  readonly api: DeskApi;
  readonly council: Pick<Api, 'session' | 'signOut' | 'reference' | 'map'>;
  readonly now: ReadonlySignal<Date>;
  readonly session: Signal<Session>;
  /** True once the session ended while the desk was in use: what is on the screen stays, nothing can be changed. */
  readonly ended: Signal<boolean>;
  /** False while the council cannot be reached. */
  readonly reached: Signal<boolean>;
  readonly reference: Signal<Reference | null>;
  readonly map: Signal<PlacesMap | null>;
  /** Cases that wait for a decision; null before anybody knows. */
  readonly toReview: Signal<number | null>;
  /** Residents' reports held back until a person has looked; null before anybody knows. */
  readonly heldBack: Signal<number | null>;
  /** Counts the changes made here, so that lists and counts know to look again. */
  readonly changes: Signal<number>;
  /** Said aloud by screen readers without moving the focus. */
  readonly said: Signal<string>;
}

const Context = createContext<Desk | null>(null);

export const DeskProvider = Context.Provider;

export function useDesk(): Desk {
  const desk = useContext(Context);
  if (desk === null) throw new Error('A screen was drawn outside the desk');
  return desk;
}

export function makeDesk(parts: Pick<Desk, 'api' | 'council' | 'now'>): Desk {
  return {
    ...parts,
    session: signal<Session>({ status: 'loading' }),
    ended: signal(false),
    reached: signal(true),
    reference: signal(null),
    map: signal(null),
    toReview: signal(null),
    heldBack: signal(null),
    changes: signal(0),
    said: signal(''),
  };
}

/** What went wrong, in words for the person, with the field messages of the server where it has any. */
export interface Failure {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** Members that only some problems have, such as who changed a case. */
  readonly problem: object;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Refused) {
    const { code, title, detail = '', errors = {} } = error.problem;
    return { code, title, detail, fields: errors, problem: error.problem };
  }
  if (!(error instanceof NoNetwork)) throw error;
  const detail = 'Nothing was changed. Check the connection and try again.';
  return { code: 'unreachable', title: 'The council’s server cannot be reached', detail, fields: {}, problem: {} };
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** Makes a call and notes what it tells of the connection and the session. Never rejects for what the wire can do. */
export async function attempt<T>(desk: Desk, call: () => Promise<T>): Promise<Outcome<T>> {
  // An answer to what was asked before the connection was lost does not tell that it is back.
  const known = desk.reached.value;
  try {
    const value = await call();
    if (!known) desk.reached.value = true;
    return { ok: true, value };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.code === 'unreachable') desk.reached.value = false;
    else if (!known) desk.reached.value = true;
    if (failure.code === 'signed_out') desk.ended.value = true;
    return { ok: false, failure };
  }
}

/** Asks who is signed in, then for the lists every screen needs. */
export async function openDesk(desk: Desk): Promise<void> {
  const answer = await attempt(desk, () => desk.council.session());
  if (!answer.ok) {
    // Somebody at work keeps the screen, with what was typed; the band says what to do.
    if (desk.session.value.status === 'signed_in') return;
    desk.ended.value = false;
    desk.session.value = { status: answer.failure.code === 'signed_out' ? 'signed_out' : 'unreachable' };
    return;
  }
  const { user, authority } = answer.value;
  desk.ended.value = false;
  desk.session.value = { status: 'signed_in', user, authority };
  if (user.role === 'crew') return;
  const [reference, map] = await Promise.all([
    attempt(desk, () => desk.council.reference(null)),
    attempt(desk, () => desk.council.map(null)),
  ]);
  if (reference.ok) desk.reference.value = reference.value?.body ?? null;
  if (map.ok) desk.map.value = map.value?.body ?? null;
}
