/** Above the list: search, the states with their counts, and the filters, each an answer kept in the address. */
import { useEffect, useState } from 'preact/hooks';
import { Fold } from '../../parts/fold';
import type { Choice } from '../../parts/choices';
import { saidNumber } from '../../parts/words/said';
import { address, goTo, to } from '../address';
import { attempt, useDesk } from '../desk';
import { Check, SelectField } from '../parts/fields';
import { DeskIcon } from '../parts/icons';
import { ageChoices, carried, filtersInUse, kindChoices, sortChoices, stateOf, stateTabs, withAnswer } from './filters';
import type { Rows } from './rows';

function answer(name: string, value: string): void {
  goTo(['cases'], withAnswer(address.value.query, name, value));
}

interface FilterBarProps {
  readonly rows: Rows | null;
  readonly searchRef: (input: HTMLInputElement | null) => void;
}

export function FilterBar({ rows, searchRef }: FilterBarProps) {
  const { query } = address.value;
  return (
    <div class="filters">
      <Search key={query.q ?? ''} words={query.q ?? ''} searchRef={searchRef} />
      <Tabs rows={rows} />
      <Filters />
      <Carried />
    </div>
  );
}

interface SearchProps {
  readonly words: string;
  readonly searchRef: FilterBarProps['searchRef'];
}

function Search({ words, searchRef }: SearchProps) {
  const [typed, setTyped] = useState(words);
  const search = (event: Event): void => {
    event.preventDefault();
    if (typed.trim() !== words) answer('q', typed.trim());
  };
  return (
    <form class="search" role="search" onSubmit={search}>
      <label class="out-of-sight" for="search">
        Reference, receipt code, place or note
      </label>
      <input
        id="search"
        type="search"
        value={typed}
        placeholder="Reference, receipt code, place, note"
        autocomplete="off"
        ref={searchRef}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onSearch={search}
      />
      <button type="submit" class="button slim">
        <DeskIcon name="search" />
        Search
      </button>
    </form>
  );
}

/** "62", "about 1,000" where the server stopped counting, nothing before anybody knows. */
export function saidCount(rows: Rows | null, state: string): string {
  if (rows === null) return '';
  const states = ['new', 'accepted', 'closed'] as const;
  const counted = states.filter((code) => state === 'any' || code === state);
  const sum = counted.reduce((total, code) => total + (rows.counts[code] ?? 0), 0);
  return `${saidNumber(sum)}${counted.some((code) => rows.atLeast.includes(code)) ? '+' : ''}`;
}

function Tabs({ rows }: { readonly rows: Rows | null }) {
  const { query } = address.value;
  return (
    <nav class="tabs" aria-label="State of the cases">
      {stateTabs.map(({ code, name }) => (
        <a
          key={code}
          href={to(['cases'], withAnswer(query, 'state', code === 'new' ? '' : code))}
          aria-current={stateOf(query) === code ? 'page' : undefined}
        >
          {name} <span class="figures">{saidCount(rows, code)}</span>
        </a>
      ))}
    </nav>
  );
}

/** The wards by the codes the cases carry. */
function useWards(): readonly Choice[] {
  const desk = useDesk();
  const [wards, setWards] = useState<readonly Choice[]>([]);
  useEffect(() => {
    void attempt(desk, () => desk.api.overview({ by: 'ward' })).then((found) => {
      if (!found.ok) return;
      const named = found.value.groups.filter(({ key }) => key !== '');
      setWards(named.map(({ key, label }) => ({ code: key, name: label })));
    });
  }, []);
  return wards;
}

function Filters() {
  const { query } = address.value;
  const hazards = useDesk().reference.value?.hazards ?? [];
  const inUse = filtersInUse(query);
  const wards = useWards();
  const field = (label: string, name: string, choices: readonly Choice[]) => (
    <SelectField label={label} value={query[name] ?? ''} choices={choices} onValue={(value) => answer(name, value)} />
  );
  const any = (name: string): Choice => ({ code: '', name });
  const check = (label: string, name: string) => (
    <Check label={label} checked={query[name] === '1'} onChecked={(on) => answer(name, on ? '1' : '')} />
  );
  return (
    <Fold title="Filter and sort" holds={inUse === 0 ? '' : `${inUse} in use`}>
      <div class="filter-fields">
        {field('Kind', 'kind', kindChoices)}
        {field('Hazard', 'hazard', [any('With or without'), ...hazards])}
        {field('Ward', 'ward', [any('Any ward'), ...wards])}
        {field('Age', 'older_than_days', ageChoices)}
        {field('Sort', 'sort', sortChoices)}
      </div>
      <div class="filter-checks">
        {check('Somebody saw who did it', 'witness')}
        {check('At a place that keeps being hit', 'repeat')}
      </div>
      {inUse === 0 ? null : (
        <p>
          <a class="touch" href={to(['cases'], 'state' in query ? { state: stateOf(query) } : {})}>
            Clear the filters
          </a>
        </p>
      )}
    </Fold>
  );
}

function Carried() {
  const { query } = address.value;
  const also = carried(query);
  if (also.length === 0) return null;
  return (
    <ul class="carried" aria-label="Only cases that are">
      {also.map(({ name, words }) => (
        <li key={name}>
          <a class="button slim" href={to(['cases'], withAnswer(query, name, ''))}>
            <DeskIcon name="close" />
            {words}
            <span class="out-of-sight">: take this away</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
