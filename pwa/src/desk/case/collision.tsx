/** Two officers at once: the second is told who did what, keeps what was typed, and may look again. */
import { Said } from '../../parts/said';
import type { Failure } from '../desk';
import { Failed } from '../parts/states';
import { Time } from '../parts/time';

export interface Collided {
  readonly by: string | null;
  readonly at: string | null;
  readonly what: string | null;
}

/** Who changed the case meanwhile, when that is why the server said no; null for any other failure. */
export function collision({ code, problem }: Failure): Collided | null {
  if (code !== 'changed_meanwhile') return null;
  const said = problem as Readonly<Record<string, unknown>>;
  const text = (name: string): string | null => (typeof said[name] === 'string' ? said[name] : null);
  return { by: text('changed_by'), at: text('changed_at'), what: text('changed_what') };
}

interface RefusedChangeProps {
  readonly failure: Failure;
  readonly onLook: () => void;
}

/** Why a change to a case was not made, and what to do now. */
export function RefusedChange({ failure, onLook }: RefusedChangeProps) {
  const collided = collision(failure);
  if (collided === null) return <Failed failure={failure} />;
  const { by, at, what } = collided;
  return (
    <Said tone="care" title={`${by ?? 'Somebody'} changed this case while you were looking at it`} live>
      <p>
        {what ?? 'It was changed'}
        {at === null ? null : (
          <>
            , <Time at={at} />
          </>
        )}
        . Nothing of theirs was overwritten and nothing of yours was saved.
      </p>
      <p>
        <button type="button" class="button slim" onClick={onLook}>
          Look again
        </button>
      </p>
    </Said>
  );
}
