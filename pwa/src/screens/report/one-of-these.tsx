/** "Is it one of these?": only when an open case lies within reach; one tap adds this report to it instead. */
import { sayDistance } from '../../shared/distance';
import type { Candidate } from '../joining';
import { Icon } from '../../parts/icons';
import { saidTime } from '../../parts/words/said';

interface OneOfTheseProps {
  readonly candidates: readonly Candidate[];
  readonly photos: number;
  readonly now: Date;
  readonly onChoose: (candidate: Candidate) => void;
}

export function OneOfThese({ candidates, photos, now, onChoose }: OneOfTheseProps) {
  if (candidates.length === 0) return null;
  return (
    <section class="part ask" aria-labelledby="one-of-these" role="status">
      <h2 id="one-of-these">Is it one of these?</h2>
      <ul class="list">
        {candidates.map((candidate) => (
          <li key={candidate.id}>
            <div class="item">
              <div class="text">
                <p class="name">{candidate.label ?? 'Place not named yet'}</p>
                <p class="under">
                  <span class="figures">{candidate.reference}</span>
                  <span>{sayDistance(candidate.metres ?? 0)} away</span>
                  <span>opened {saidTime(candidate.opened_at, now)}</span>
                </p>
              </div>
              <button type="button" class="button slim" onClick={() => onChoose(candidate)}>
                <Icon name="plus" />
                <span>
                  {photos === 0 ? 'Add to it' : photos === 1 ? 'Add photo to it' : 'Add photos to it'}
                  <span class="out-of-sight"> {candidate.reference}</span>
                </span>
              </button>
            </div>
          </li>
        ))}
      </ul>
      <p class="small soft">If not, carry on below.</p>
    </section>
  );
}
