/** What a screen shows when there is nothing to show yet, nothing at all, or when something went wrong. */
import type { ComponentChildren } from 'preact';
import { Said } from '../../parts/said';
import type { Failure } from '../desk';
import type { Loaded } from '../load';

export function Skeletons({ count = 4 }: { readonly count?: number }) {
  return (
    <div aria-busy="true">
      <p class="out-of-sight">Loading</p>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} class="skeleton" />
      ))}
    </div>
  );
}

interface FailedProps {
  readonly failure: Failure;
  readonly onAgain?: () => void;
}

/** A failure in words, with every field the server named. */
export function Failed({ failure, onAgain }: FailedProps) {
  const fields = Object.values(failure.fields).flat();
  return (
    <Said tone="bad" title={failure.title} live>
      {fields.length > 0 ? fields.map((text) => <p key={text}>{text}</p>) : <p>{failure.detail}</p>}
      {onAgain === undefined ? null : (
        <p>
          <button type="button" class="button slim" onClick={onAgain}>
            Try again
          </button>
        </p>
      )}
    </Said>
  );
}

interface ShownProps<T> {
  readonly loaded: Loaded<T>;
  readonly children: (data: T) => ComponentChildren;
}

/** Data once it is there; before that its state. Old data stays on the screen when a reload fails, with the failure above. */
export function Shown<T>({ loaded, children }: ShownProps<T>) {
  const { data, failure, reload } = loaded;
  return (
    <>
      {failure === null ? null : <Failed failure={failure} onAgain={() => void reload()} />}
      {data !== null ? children(data) : failure === null ? <Skeletons /> : null}
    </>
  );
}
