import { useEffect, useRef, useState } from 'preact/hooks';
import { withQuery, type Query } from '../../wire/desk-api';
import type { DeskCaseRow } from '../../wire/desk-types';
import { attempt, useDesk, type Failure } from '../desk';
import { firstRows, lookedAgain, without, withMore, withRow, type Rows } from './rows';

const LOOK_EVERY_MS = 20_000;
const PAGE = '50';

interface State {
  readonly key: string;
  readonly rows: Rows | null;
  readonly failure: Failure | null;
}

export interface UsedRows {
  readonly rows: Rows | null;
  readonly failure: Failure | null;
  readonly reload: () => Promise<void>;
  readonly more: () => Promise<void>;
  /** Takes rows out that a decision has moved elsewhere. */
  readonly drop: (ids: ReadonlySet<string>) => void;
  /** Brings one row up to date where it stands. */
  readonly put: (row: DeskCaseRow) => void;
}

/** The list for one question: loads it, looks again every 20 seconds while somebody looks, and never moves it by itself. */
export function useRows(question: Query): UsedRows {
  const desk = useDesk();
  const key = withQuery('', question);
  const [state, setState] = useState<State>({ key: '', rows: null, failure: null });
  const current = useRef(key);
  current.current = key;
  const page = (cursor: string | null) =>
    attempt(desk, () => desk.api.cases({ ...question, limit: PAGE, ...(cursor === null ? {} : { cursor }) }));
  const change = (make: (rows: Rows) => Rows): void =>
    setState((before) => (before.rows === null || before.key !== key ? before : { ...before, rows: make(before.rows) }));

  const reload = async (): Promise<void> => {
    const answer = await page(null);
    if (current.current !== key) return;
    if (answer.ok) setState({ key, rows: firstRows(answer.value), failure: null });
    else setState((before) => ({ key, rows: before.key === key ? before.rows : null, failure: answer.failure }));
  };
  const more = async (): Promise<void> => {
    const answer = await page(state.rows?.next ?? null);
    if (current.current !== key) return;
    if (answer.ok) change((rows) => withMore(rows, answer.value));
    else setState((before) => ({ ...before, failure: answer.failure }));
  };
  const look = async (): Promise<void> => {
    if (document.visibilityState !== 'visible') return;
    const answer = await page(null);
    if (answer.ok && current.current === key) change((rows) => lookedAgain(rows, answer.value));
  };

  useEffect(() => {
    void reload();
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [key]);
  const changes = desk.changes.value;
  useEffect(() => {
    if (changes > 0) void look();
  }, [changes]);
  const shown = state.key === key ? state : { key, rows: null, failure: null };
  const drop = (ids: ReadonlySet<string>): void => change((rows) => without(rows, ids));
  const put = (row: DeskCaseRow): void => change((rows) => withRow(rows, row));
  return { rows: shown.rows, failure: shown.failure, reload, more, drop, put };
}
