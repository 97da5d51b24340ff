/** "Report something else": one tap on what it is opens the camera. */
import { beginReport, useApp } from '../app';
import { Screen } from '../parts/frame';
import { Icon } from '../../parts/icons';
import { Said } from '../../parts/said';

export function OtherScreen() {
  const app = useApp();
  const reference = app.outbox.data.reference.value;
  const listed = reference?.categories.filter(({ kind }) => kind === 'incident') ?? [];
  const choices = listed.length > 0 ? listed : [{ code: 'other', name: 'Something else' }];
  return (
    <Screen title="What do you see?">
      <p>Crime going on, fire or someone hurt: call 999 first.</p>
      {reference === null ? (
        <Said tone="care" title="The list of kinds is not on this phone yet">
          <p>Choose “Something else” and say what it is in the note.</p>
        </Said>
      ) : null}
      <ul class="part">
        {choices.map(({ code, name }) => (
          <li key={code}>
            <button
              type="button"
              class="button"
              onClick={() => beginReport(app, { kind: 'incident', category: code })}
            >
              <Icon name="camera" />
              {name}
            </button>
          </li>
        ))}
      </ul>
    </Screen>
  );
}
