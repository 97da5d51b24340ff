/** What a crew must know before it touches anything. */
import { Said } from '../../parts/said';

export function Danger({ hazards }: { readonly hazards: string }) {
  return (
    <Said tone="bad" title="Do not touch. Keep 5 m away.">
      <p>{hazards}</p>
    </Said>
  );
}
