/** Which screen shows for which address, once somebody of the desk is signed in. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Said } from '../parts/said';
import { address, to } from './address';
import { CasesScreen } from './cases';
import { DeskProvider, openDesk, useDesk, type Desk } from './desk';
import { JobsScreen } from './field/jobs';
import { PeopleScreen } from './field/people';
import { PhonesScreen } from './field/phones';
import { HeldBackScreen } from './held/held-back';
import { HotspotsScreen } from './hotspots/list';
import { PatrolScreen } from './hotspots/patrol';
import { PlaceScreen } from './hotspots/place';
import { KeySheet } from './key-sheet';
import { useCommands } from './keys';
import { OverviewScreen } from './overview/overview';
import { Page } from './parts/page';
import { Skeletons } from './parts/states';
import { Shell, signInAddress } from './shell';

export function Root({ desk }: { readonly desk: Desk }) {
  return (
    <DeskProvider value={desk}>
      <Guarded />
      <p class="out-of-sight" role="status">
        {desk.said}
      </p>
    </DeskProvider>
  );
}

function Guarded() {
  const desk = useDesk();
  const session = desk.session.value;
  switch (session.status) {
    case 'loading':
      return (
        <Alone title="Tipwatch desk">
          <Skeletons />
        </Alone>
      );
    case 'signed_out':
      return <SignedOut />;
    case 'unreachable':
      return (
        <Alone title="The council cannot be reached">
          <Said tone="bad" title="The desk needs a connection">
            <p>The cases are kept by the council’s server, and it does not answer. Check your connection.</p>
          </Said>
          <button type="button" class="button main" onClick={() => void openDesk(desk)}>
            Try again
          </button>
        </Alone>
      );
    case 'signed_in':
      return session.user.role === 'crew' ? <NotForCrews /> : <Signed />;
  }
}

function Alone({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <main class="alone">
      <h1>{title}</h1>
      {children}
    </main>
  );
}

function SignedOut() {
  return (
    <Alone title="Tipwatch desk">
      <p>The desk is for officers, managers and administrators. Sign in to see the queue.</p>
      <a class="button main" href={signInAddress()}>
        Sign in
      </a>
    </Alone>
  );
}

function NotForCrews() {
  return (
    <Alone title="The desk is for officers">
      <p>You are signed in as a crew. Your reports and jobs are in the crew’s app.</p>
      <a class="button main" href="/crew">
        Go to the crew’s app
      </a>
      <a class="button" href={signInAddress()}>
        Sign in as somebody else
      </a>
    </Alone>
  );
}

function Signed() {
  const [keys, setKeys] = useState(false);
  useCommands({ help: () => setKeys(true) });
  const { parts } = address.value;
  return (
    <Shell onKeys={() => setKeys(true)}>
      {screenFor(parts)}
      {keys ? <KeySheet onClose={() => setKeys(false)} /> : null}
    </Shell>
  );
}

function screenFor([name, id]: readonly string[]): ComponentChildren {
  switch (name) {
    case undefined:
    case 'cases':
      return <CasesScreen openId={id ?? null} />;
    case 'hotspots':
      if (id === undefined) return <HotspotsScreen />;
      return id === 'patrol' ? <PatrolScreen /> : <PlaceScreen key={id} id={id} />;
    case 'held':
      return <HeldBackScreen />;
    case 'jobs':
      return <JobsScreen />;
    case 'people':
      return <PeopleScreen />;
    case 'phones':
      return <PhonesScreen />;
    case 'overview':
      return <OverviewScreen />;
    default:
      return (
        <Page title="No such screen">
          <p>That address leads nowhere on the desk.</p>
          <p>
            <a class="touch" href={to(['cases'])}>Go to the queue</a>
          </p>
        </Page>
      );
  }
}
