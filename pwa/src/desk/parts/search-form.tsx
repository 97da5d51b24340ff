/** Searching a list: the words are kept in the address, so that the answer can be sent to a colleague as a link. */
import { useState } from 'preact/hooks';
import { address, goTo } from '../address';
import { withAnswer } from '../queue/filters';
import { TextField } from './fields';
import { DeskIcon } from './icons';

interface SearchFormProps {
  readonly screen: string;
  readonly label: string;
}

export function SearchForm({ screen, label }: SearchFormProps) {
  const { query } = address.value;
  return <Words key={query.q ?? ''} words={query.q ?? ''} screen={screen} label={label} />;
}

function Words({ words, screen, label }: SearchFormProps & { readonly words: string }) {
  const [typed, setTyped] = useState(words);
  const search = (event: Event): void => {
    event.preventDefault();
    if (typed.trim() !== words) goTo([screen], withAnswer(address.value.query, 'q', typed.trim()));
  };
  return (
    <form class="search find" role="search" onSubmit={search}>
      <TextField label={label} type="search" value={typed} onValue={setTyped} />
      <button type="submit" class="button slim">
        <DeskIcon name="search" />
        Search
      </button>
    </form>
  );
}
