/** The cases that make a place what it is. */
import { nameOf } from '../../parts/words/names';
import type { HotspotMember } from '../../wire/figures-types';
import { to } from '../address';
import { useDesk } from '../desk';
import { Time } from '../parts/time';
import { saidState } from '../words';

export function Members({ members }: { readonly members: readonly HotspotMember[] }) {
  return (
    <section class="part" aria-labelledby="members">
      <h2 id="members">Its cases</h2>
      {members.length === 0 ? (
        <p class="soft">None in this window.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="members">
          <table class="figures-table">
            <thead>
              <tr>
                <th scope="col">Case</th>
                <th scope="col">Seen</th>
                <th scope="col">State</th>
                <th scope="col">Waste</th>
                <th scope="col">Reports</th>
              </tr>
            </thead>
            <tbody>
              {members.map((member) => (
                <Member key={member.id} member={member} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Member({ member }: { readonly member: HotspotMember }) {
  const reference = useDesk().reference.value;
  const { id, reference: name, seen_at, state, closed_because, waste, reports } = member;
  return (
    <tr>
      <th scope="row">
        <a class="touch figures" href={to(['cases', id])}>
          {name}
        </a>
      </th>
      <td>
        <Time at={seen_at} />
      </td>
      <td>{saidState(state, closed_because)}</td>
      <td>{waste === null ? 'Not said' : nameOf(reference?.waste, waste)}</td>
      <td class="number">{reports}</td>
    </tr>
  );
}
