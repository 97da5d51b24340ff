/** The queue at work: the list for this address, what is selected, where the person is in it, and what keys and buttons do. */
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DecisionOf, Decision, DeskCaseRow } from '../../wire/desk-types';
import { address, goTo } from '../address';
import { useDesk } from '../desk';
import { stepsForAll } from '../words';
import { rowLinkId } from './case-list';
import { asked, stateOf } from './filters';
import { afterThese, neighbour } from './rows';
import { useRows, type UsedRows } from './use-rows';
import { useTriage, type Target, type Triage } from './use-triage';

/** Below this many rows the next page is fetched by itself, so that deciding never runs dry. */
const FEW = 10;

/** What the open case can be told to do. */
export interface PaneActions {
  readonly accept: () => void;
  readonly decide: () => void;
  readonly photos: () => void;
}

export interface Listed {
  readonly list: UsedRows;
  readonly items: readonly DeskCaseRow[];
  readonly selected: ReadonlySet<string>;
  readonly targets: readonly DeskCaseRow[];
  /** Decisions that fit every selected case. */
  readonly steps: readonly Decision[];
  readonly select: (id: string, on: boolean) => void;
  readonly selectNone: () => void;
  /** The row the focus was on last. */
  readonly at: RefObject<string | null>;
}

function useListed(): Listed {
  const { query } = address.value;
  const list = useRows(asked(query));
  const items = list.rows?.items ?? [];
  const next = list.rows?.next ?? null;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const at = useRef<string | null>(null);
  useEffect(() => setSelected(new Set()), [JSON.stringify(query)]);
  useEffect(() => {
    if (next !== null && items.length < FEW) void list.more();
  }, [items.length, next]);
  const targets = useMemo(() => items.filter(({ id }) => selected.has(id)), [items, selected]);
  const select = (id: string, on: boolean): void =>
    setSelected((before) => new Set(on ? [...before, id] : [...before].filter((other) => other !== id)));
  const steps = stepsForAll(targets.map(({ state }) => state));
  return { list, items, selected, targets, steps, select, selectNone: () => setSelected(new Set()), at };
}

export interface Moves {
  readonly step: (by: 1 | -1) => void;
  readonly leave: () => void;
  /** Goes on from cases that were decided: they leave the list, and the next one is opened or takes the focus. */
  readonly goOn: (ids: ReadonlySet<string>) => void;
}

function useMoves(openId: string | null, { list, items, select, at }: Listed): Moves {
  const desk = useDesk();
  const { query } = address.value;
  const [wanted, setWanted] = useState<{ readonly id: string | null }>({ id: null });
  // Once the list is drawn: a form may only just have closed, and on a narrow screen the list may only just show again.
  useEffect(() => {
    if (openId === null) document.getElementById(rowLinkId(wanted.id ?? ''))?.focus();
  }, [wanted, openId]);
  const focusRow = (id: string | null): void => {
    at.current = id;
    setWanted({ id });
  };
  const step = (by: 1 | -1): void => {
    const next = neighbour(items, openId ?? at.current, by);
    if (next === null) desk.said.value = by === 1 ? 'That was the last case of the list' : 'That is the first case of the list';
    else if (openId === null) focusRow(next.id);
    else goTo(['cases', next.id], query);
  };
  const leave = (): void => {
    if (openId === null) return;
    goTo(['cases'], query);
    focusRow(openId);
  };
  const goOn = (ids: ReadonlySet<string>): void => {
    const next = afterThese(items, ids);
    const listed = items.some(({ id }) => id === openId);
    for (const id of ids) select(id, false);
    if (stateOf(query) === 'any') void list.reload();
    else list.drop(ids);
    if (openId === null) focusRow(next?.id ?? null);
    else if (ids.has(openId) && listed) goTo(next === null ? ['cases'] : ['cases', next.id], query);
  };
  return { step, leave, goOn };
}

export interface Acts {
  readonly triage: Triage;
  /** Counts what was undone, so that an open case knows to look again. */
  readonly version: number;
  /** The cases the decision form is open for. */
  readonly forming: readonly Target[] | null;
  readonly closeForm: () => void;
  readonly decideAs: (decision: DecisionOf) => void;
  readonly accept: () => void;
  readonly decide: () => void;
  readonly undo: () => void;
}

function useActs(
  openId: string | null,
  pane: RefObject<PaneActions | null>,
  { list, items, targets, at }: Listed,
  { goOn }: Moves,
): Acts {
  const desk = useDesk();
  const triage = useTriage();
  const [forming, setForming] = useState<readonly Target[] | null>(null);
  const [version, setVersion] = useState(0);
  const concerned = (): readonly Target[] => (targets.length > 0 ? targets : items.filter(({ id }) => id === at.current));
  const accept = (): void => {
    if (targets.length === 0 && openId !== null) {
      pane.current?.accept();
      return;
    }
    const open = concerned().filter(({ state }) => state === 'new');
    if (open.length === 0) desk.said.value = 'Nothing here to accept';
    else triage.decide(open, { decision: 'accept', reason: '', duplicate_of: null }, goOn);
  };
  const decide = (): void => {
    if (targets.length === 0 && openId !== null) {
      pane.current?.decide();
      return;
    }
    triage.clear();
    if (concerned().length > 0) setForming(concerned());
  };
  const decideAs = (decision: DecisionOf): void =>
    triage.decide(forming ?? [], decision, (ids) => {
      setForming(null);
      goOn(ids);
    });
  const undo = (): void =>
    triage.undo(([first, ...others]) => {
      void list.reload();
      setVersion(version + 1);
      if (openId !== null && first !== undefined && others.length === 0) goTo(['cases', first], address.value.query);
    });
  return { triage, version, forming, closeForm: () => setForming(null), decideAs, accept, decide, undo };
}

export type Queue = Listed & Moves & Acts & { readonly showFresh: () => void };

export function useQueue(openId: string | null, pane: RefObject<PaneActions | null>): Queue {
  const desk = useDesk();
  const listed = useListed();
  const moves = useMoves(openId, listed);
  const acts = useActs(openId, pane, listed, moves);
  const showFresh = async (): Promise<void> => {
    await listed.list.reload();
    desk.said.value = 'The list is up to date';
  };
  return { ...listed, ...moves, ...acts, showFresh: () => void showFresh() };
}
