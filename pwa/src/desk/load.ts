/** Loading what a screen shows, and making changes, with the states each goes through. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Query } from '../wire/desk-api';
import { attempt, useDesk, type Failure, type Outcome } from './desk';

export interface Loaded<T> {
  readonly data: T | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly reload: () => Promise<void>;
  /** Puts in what another call answered, such as the case after a change. */
  readonly put: (data: T) => void;
}

interface State<T> {
  readonly key: string;
  readonly data: T | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
}

/** Loads anew whenever `key` changes. An answer that comes after another question was asked is dropped. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const desk = useDesk();
  const empty: State<T> = { key, data: null, failure: null, loading: true };
  const [state, setState] = useState<State<T>>(empty);
  const current = useRef(key);
  current.current = key;
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(async (): Promise<void> => {
    const answer = await attempt(desk, () => latest.current());
    if (current.current !== key) return;
    setState((before) => {
      const data = answer.ok ? answer.value : before.key === key ? before.data : null;
      return { key, data, failure: answer.ok ? null : answer.failure, loading: false };
    });
  }, [key]);
  useEffect(() => {
    setState((before) => {
      if (before.key !== key) return empty;
      return before.loading ? before : { ...before, loading: true };
    });
    void reload();
  }, [key]);
  const put = useCallback((data: T) => setState({ key, data, failure: null, loading: false }), [key]);
  const shown = state.key === key ? state : empty;
  return { data: shown.data, failure: shown.failure, loading: shown.loading, reload, put };
}

interface Page {
  readonly items: readonly unknown[];
  readonly next: string | null;
}

export interface Paged<L extends Page> extends Loaded<L> {
  /** Puts the next page behind what is there. */
  readonly more: () => Promise<void>;
  readonly busy: boolean;
  /** Why the next page could not be fetched. */
  readonly moreFailure: Failure | null;
}

/** A list that comes in pages: the first loads anew whenever `key` changes, the others when asked for. */
export function usePaged<L extends Page>(key: string, load: (cursor: Query) => Promise<L>): Paged<L> {
  const desk = useDesk();
  const first = useLoaded(key, () => load({}));
  const [asked, setAsked] = useState<{ key: string; failure: Failure | null; busy: boolean }>({ key, failure: null, busy: false });
  const current = useRef(first);
  current.current = first;
  const more = async (): Promise<void> => {
    const { data } = first;
    const cursor = data?.next ?? null;
    if (data === null || cursor === null || (asked.key === key && asked.busy)) return;
    setAsked({ key, failure: null, busy: true });
    const answer = await attempt(desk, () => load({ cursor }));
    // Another question, or the same one asked again, has taken the list's place.
    if (current.current.data !== data) {
      setAsked({ key, failure: null, busy: false });
      return;
    }
    setAsked({ key, failure: answer.ok ? null : answer.failure, busy: false });
    if (!answer.ok) return;
    first.put({ ...data, ...answer.value, items: [...data.items, ...answer.value.items] });
    desk.said.value = `${answer.value.items.length} more`;
  };
  const mine = asked.key === key;
  return { ...first, more, busy: mine && asked.busy, moreFailure: mine ? asked.failure : null };
}

export interface Change {
  readonly busy: boolean;
  readonly failure: Failure | null;
  /** Runs one change at a time; a second press while the first is on its way does nothing. */
  readonly run: <T>(call: () => Promise<T>, then: (value: T) => void) => Promise<void>;
  readonly clear: () => void;
}

export function useChange(): Change {
  const desk = useDesk();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const running = useRef(false);
  const run = async <T>(call: () => Promise<T>, then: (value: T) => void): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setFailure(null);
    const answer: Outcome<T> = await attempt(desk, call);
    running.current = false;
    setBusy(false);
    if (answer.ok) {
      desk.changes.value += 1;
      then(answer.value);
    } else {
      setFailure(answer.failure);
    }
  };
  return { busy, failure, run, clear: () => setFailure(null) };
}
