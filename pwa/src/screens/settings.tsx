/** Settings and about: the look, who is signed in, what this phone keeps, which Tipwatch this is. */
import { useEffect, useState } from 'preact/hooks';
import { useApp } from './app';
import { setSunlight, sunlight } from '../parts/look';
import { AsOf } from './parts/as-of';
import { Chips } from '../parts/choices';
import { Facts } from '../parts/facts';
import { Screen } from './parts/frame';
import { Icon } from '../parts/icons';
import { Said } from '../parts/said';
import { href, replace } from '../parts/route';
import { counted } from '../parts/words/said';
import { OthersHere } from './sent/waiting';

export function SettingsScreen() {
  return (
    <Screen title="Settings">
      <Chips
        legend="Look"
        hint="Dark follows your phone’s own setting."
        choices={[{ code: 'sunlight', name: 'Sunlight: black on white, heavier' }]}
        chosen={sunlight.value ? ['sunlight'] : []}
        onChange={(chosen) => setSunlight(chosen.length > 0)}
      />
      <Sending />
      <Person />
      <Keeping />
      <Install />
      <AsOf />
    </Screen>
  );
}

/** Text never waits; photos may, where the crew pays for the line. */
function Sending() {
  const { outbox } = useApp();
  const { connection } = navigator as { readonly connection?: { readonly type?: string } };
  const tells = connection?.type !== undefined;
  return (
    <Chips
      legend="Sending"
      hint={
        tells
          ? 'Reports, job results and notes never wait. Photos go by mobile data too, unless you say otherwise.'
          : 'Reports, job results and notes never wait. This phone does not tell Tipwatch whether it is on Wi-Fi: photos then wait until you tap “Send photos now anyway” under Waiting to send.'
      }
      choices={[{ code: 'wait', name: 'Photos wait for Wi-Fi' }]}
      chosen={outbox.photosWait.value ? ['wait'] : []}
      onChange={(chosen) => void outbox.setPhotosWait(chosen.length > 0)}
    />
  );
}

function Person() {
  const { outbox, said } = useApp();
  const [problem, setProblem] = useState<string | null>(null);
  const session = outbox.session.value;
  if (!('user' in session)) return null;
  const out = async (): Promise<void> => {
    const answer = await outbox.signOut();
    if (answer.ok) {
      said.value = 'You are signed out';
      replace();
    } else {
      setProblem(answer.message);
    }
  };
  return (
    <section class="part" aria-labelledby="signed-in">
      <h2 id="signed-in">Signed in</h2>
      <Facts
        facts={[
          ['Name', session.user.name],
          ['Email', session.user.email],
          ['Council', session.authority.name],
        ]}
      />
      {problem === null ? null : (
        <Said tone="care" title="You are still signed in" live>
          <p>{problem}</p>
          {outbox.waiting.value > 0 ? (
            <div class="row">
              <a class="button slim" href={href('waiting')}>
                See what is waiting
              </a>
              <a class="button slim" href={href('export')}>
                Keep a copy as a file
              </a>
            </div>
          ) : null}
        </Said>
      )}
      <button type="button" class="button" onClick={() => void out()}>
        Sign out
      </button>
    </section>
  );
}

/** Whether the browser has promised not to clear what is kept here; null while it has not said. */
function usePersisted(): boolean | null {
  const [persisted, setPersisted] = useState<boolean | null>(null);
  useEffect(() => {
    // Missing outside HTTPS and in old browsers, whatever the type says.
    const storage = navigator.storage as StorageManager | undefined;
    void storage?.persisted().then(setPersisted, () => setPersisted(null));
  }, []);
  return persisted;
}

function megabytes(bytes: number): string {
  return bytes > 2e9 ? `${(bytes / 1e9).toFixed(0)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}

function Keeping() {
  const { outbox, capture, version } = useApp();
  const { freeBytes, words } = capture.storage.value;
  const kept = outbox.items.value.reduce((total, item) => total + item.photos.bytes, 0);
  const persisted = usePersisted();
  return (
    <section class="part" aria-labelledby="keeping">
      <h2 id="keeping">On this phone</h2>
      {words === null ? null : <Said tone="care" title={words} />}
      <Facts
        facts={[
          ['Waiting to send', counted(outbox.waiting.value, 'thing')],
          ['Photos kept', megabytes(kept)],
          ['Room left', freeBytes === null ? null : megabytes(freeBytes)],
          ['Safe from clean-up', persisted === null ? null : persisted ? 'yes' : 'not promised by this browser'],
          ['Tipwatch', version],
        ]}
      />
      <OthersHere />
      <a class="button" href={href('export')}>
        <Icon name="save" />
        Export what is not sent
      </a>
    </section>
  );
}

function Install() {
  const installed = window.matchMedia('(display-mode: standalone)').matches;
  if (installed) return null;
  return (
    <section class="part" aria-labelledby="install">
      <h2 id="install">Put Tipwatch on your home screen</h2>
      <p>
        Open your browser’s menu (on an iPhone, the Share button) and choose “Add to Home Screen”. Phones keep what an
        installed app saves for longer than what a web page saves.
      </p>
    </section>
  );
}
