/** Finds a road, village, landmark or postcode by name, from the names that came with the map: no signal needed. */
import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import { sayDistance } from '../shared/distance';
import type { PocketNames } from '../wire/types';
import { findNames, type FoundKind, type FoundName } from './names';
import type { Point } from './types';

const kindWords: Readonly<Record<FoundKind, string>> = {
  road: 'road',
  locality: 'place',
  landmark: 'landmark',
  postcode: 'postcode',
  plus_code: 'plus code',
  lat_lon: 'latitude, longitude',
};
/** One letter names half the borough. */
const FROM_LETTERS = 2;

interface FindNameProps {
  readonly names: PocketNames;
  /** Where the person is, to put what is near first. */
  readonly near: Point | null;
  readonly onFound: (found: FoundName) => void;
  /** Said before anything is typed, and when nothing is called so. */
  readonly hint: string;
  readonly missing: string;
}

/** What a person may mean by what was typed so far. */
function useFound(names: PocketNames, text: string, near: Point | null): readonly FoundName[] {
  const [code, setCode] = useState<FoundName | null>(null);
  const named = useMemo(() => findNames(names, text, near), [names, text, near?.lat, near?.lon]);
  useEffect(() => {
    let stale = false;
    setCode(null);
    // Codes and figures are typed seldom: what reads them is not part of what a phone loads first.
    if (/[+\d]/.test(text)) {
      void import('./figures').then(({ findFigures }) => stale || setCode(findFigures(names, text, near)));
    }
    return () => {
      stale = true;
    };
  }, [names, text, near?.lat, near?.lon]);
  return code === null ? named : [code];
}

export function FindName({ names, near, onFound, hint, missing }: FindNameProps) {
  const id = useId();
  const [text, setText] = useState('');
  const asked = text.trim().length >= FROM_LETTERS;
  const found = useFound(names, asked ? text : '', near);
  const choose = (one: FoundName): void => {
    setText('');
    onFound(one);
  };
  return (
    <form
      class="part"
      role="search"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const [first] = found;
        if (first !== undefined) choose(first);
      }}
    >
      <div class="field">
        <label for={id}>Find a road, village or postcode</label>
        <input
          id={id}
          type="search"
          autocomplete="off"
          spellcheck={false}
          enterkeyhint="search"
          value={text}
          aria-describedby={`${id}-said`}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p class="small soft" id={`${id}-said`} role="status">
          {said(asked ? found.length : null, hint, missing)}
        </p>
      </div>
      {found.length === 0 ? null : (
        <ul class="list">
          {found.map((one) => (
            <li key={`${one.kind} ${one.label} ${one.lat} ${one.lon}`}>
              <button type="button" class="item" onClick={() => choose(one)}>
                <span class="text">
                  <span class="name">{one.label}</span>
                </span>
                <span class="end soft">
                  {kindWords[one.kind]}
                  {one.metres === null ? null : <>, {sayDistance(one.metres)}</>}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}

function said(count: number | null, hint: string, missing: string): string {
  if (count === null) return hint;
  if (count === 0) return missing;
  return count === 1 ? '1 place found. Choose it to move the pin there.' : `${count} places found, the likeliest first.`;
}
