import { exactTime, saidTime } from '../../parts/words/said';
import { useDesk } from '../desk';

/** A time as people say it, with the exact time on demand. */
export function Time({ at }: { readonly at: string }) {
  const { now } = useDesk();
  return (
    <time class="together" dateTime={at} title={exactTime(at)}>
      {saidTime(at, now.value)}
    </time>
  );
}
