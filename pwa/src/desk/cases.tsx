/** The queue and the open case beside it; on a narrow screen one or the other. Everything here works by keys alone. */
import { useRef } from 'preact/hooks';
import { address } from './address';
import { CasePane } from './case/case-pane';
import { DecideSheet } from './case/decide-sheet';
import { useCommands } from './keys';
import { useArrival } from './parts/page';
import { Failed, Skeletons } from './parts/states';
import { FreshChip, LastBar, SelectionBar } from './queue/bars';
import { CaseList } from './queue/case-list';
import { FilterBar } from './queue/filter-bar';
import { filtersInUse, stateOf } from './queue/filters';
import { useQueue, type PaneActions, type Queue } from './queue/use-queue';
import { stepsForAll } from './words';

export function CasesScreen({ openId }: { readonly openId: string | null }) {
  const pane = useRef<PaneActions | null>(null);
  const search = useRef<HTMLInputElement | null>(null);
  const queue = useQueue(openId, pane);
  const { triage, list } = queue;
  useCommands({
    next: () => queue.step(1),
    previous: () => queue.step(-1),
    accept: queue.accept,
    decide: queue.decide,
    select: () => {
      const id = openId ?? queue.at.current;
      if (id !== null) queue.select(id, !queue.selected.has(id));
    },
    search: () => search.current?.focus(),
    undo: queue.undo,
    fresh: queue.showFresh,
    photos: () => pane.current?.photos(),
    leave: queue.leave,
  });
  return (
    <div class={openId === null ? 'split' : 'split with-open'}>
      <ListPane queue={queue} openId={openId} searchRef={(input) => (search.current = input)} />
      {openId === null ? null : (
        <CasePane
          key={openId}
          id={openId}
          version={queue.version}
          actions={pane}
          onDecided={(id, told) => {
            triage.tell(told);
            queue.goOn(new Set([id]));
          }}
          onChanged={(known, gone) => {
            list.put(known);
            list.drop(new Set(gone));
          }}
          onBack={queue.leave}
        />
      )}
      <Forming queue={queue} />
    </div>
  );
}

function Forming({ queue }: { readonly queue: Queue }) {
  const { forming, triage, closeForm, decideAs } = queue;
  if (forming === null) return null;
  return (
    <DecideSheet
      about={forming.length === 1 ? (forming[0]?.reference ?? '') : `${forming.length} cases`}
      decisions={stepsForAll(forming.map(({ state }) => state))}
      candidates={[]}
      notThese={forming.map(({ id }) => id)}
      busy={triage.busy}
      failure={triage.failure}
      onDecide={decideAs}
      onLook={closeForm}
      onClose={closeForm}
    />
  );
}

interface ListPaneProps {
  readonly queue: Queue;
  readonly openId: string | null;
  readonly searchRef: (input: HTMLInputElement | null) => void;
}

function ListPane({ queue, openId, searchRef }: ListPaneProps) {
  const { list, items, selected, targets, steps, triage, at } = queue;
  return (
    <section class="list-pane" aria-label="The list of cases">
      {openId === null ? <ListHeading quiet={at.current !== null} /> : <h2>Queue</h2>}
      <FilterBar rows={list.rows} searchRef={searchRef} />
      <LastBar last={triage.last} busy={triage.busy} onUndo={queue.undo} onClose={() => triage.tell(null)} />
      {triage.failure === null || queue.forming !== null ? null : <Failed failure={triage.failure} />}
      <FreshChip fresh={list.rows?.fresh ?? 0} onShow={queue.showFresh} />
      {list.failure === null ? null : <Failed failure={list.failure} onAgain={() => void list.reload()} />}
      {list.rows === null && list.failure === null ? <Skeletons count={6} /> : null}
      {list.rows !== null && items.length === 0 ? <NothingHere /> : null}
      <CaseList
        items={items}
        openId={openId}
        selected={selected}
        onSelect={queue.select}
        onAt={(id) => (at.current = id)}
      />
      {(list.rows?.next ?? null) === null ? null : (
        <button type="button" class="button" onClick={() => void list.more()}>
          Show more
        </button>
      )}
      <SelectionBar
        count={targets.length}
        canAccept={steps.includes('accept')}
        canDecide={steps.length > 0}
        busy={triage.busy}
        onAccept={queue.accept}
        onDecide={queue.decide}
        onNone={queue.selectNone}
      />
    </section>
  );
}

/** The page's heading while no case is open. Coming back from a case, the focus belongs to its row instead. */
function ListHeading({ quiet }: { readonly quiet: boolean }) {
  const heading = useArrival('Queue', { quiet });
  return (
    <h1 ref={heading} tabIndex={-1}>
      Queue
    </h1>
  );
}

function NothingHere() {
  const { query } = address.value;
  const narrowed = filtersInUse(query) > 0 || (query.q ?? '') !== '';
  if (narrowed) return <p class="soft">No case fits this search and these filters.</p>;
  return stateOf(query) === 'new' ? (
    <p class="soft">Nothing waits for a decision. New cases show here by themselves.</p>
  ) : (
    <p class="soft">No case is in this state.</p>
  );
}
