/** The help sheet: what each key does, and the choice to do without them. */
import { KEYS, setSingleKeys, singleKeys } from './keys';
import { Check } from './parts/fields';
import { Sheet } from './parts/sheet';

export function KeySheet({ onClose }: { readonly onClose: () => void }) {
  return (
    <Sheet title="Keys" onClose={onClose}>
      <table class="keys">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Does</th>
          </tr>
        </thead>
        <tbody>
          {KEYS.map(([key, command, does]) => (
            <tr key={command}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">
              <kbd>Enter</kbd>
            </th>
            <td>Open the case the focus is on</td>
          </tr>
        </tbody>
      </table>
      <p>In the list, j and k move along it. With a case open, they open the next one and the one before.</p>
      <Check label="Use single keys on this computer" checked={singleKeys.value} onChecked={setSingleKeys} />
    </Sheet>
  );
}
