/** How it is worked out what would be usual at a place: in plain words first, to the letter for who has to defend it. */
import { Fold } from '../../parts/fold';
import type { ByChance } from '../../wire/figures-types';
import type { ReportKind } from '../../wire/types';

interface HowProps {
  readonly kind: ReportKind;
  readonly background: string | null;
  readonly byChance: ByChance | null;
}

export function HowWorkedOut({ kind, background, byChance }: HowProps) {
  if (background === null) return null;
  const things = kind === 'fly_tip' ? 'fly-tips' : 'incidents';
  const homes = background.includes('addresses') ? ', and from how many homes are near' : '';
  return (
    <Fold title="How “usual” is worked out">
      <p>
        From the other {things} in the neighbourhood of each place, the place itself left out{homes}. A place is called more than
        usual only where chance is a poor explanation; of ten places called so, about one may still be there by chance,
        more where a village ends within a few hundred metres. A usual place stays on the list: it is hit all the same.
      </p>
      {byChance === null ? null : (
        <p>
          If chance alone decided, the most-hit place of all would have about {byChance.median}, and seldom more than {byChance.p95}.
        </p>
      )}
      <p class="soft">
        For the record: {background}.{byChance === null ? '' : ` ${byChance.draws} made-up lists.`}
      </p>
    </Fold>
  );
}
