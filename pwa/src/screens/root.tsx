/** Which screen shows for which address, and what lies around all of them. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { JobOutcome } from '../wire/types';
import { AppProvider, useApp, type App } from './app';
import { HomeScreen } from './home';
import { later } from './parts/later';
import { Pickers } from './parts/pickers';
import { Bands, Screen } from './parts/frame';
import { OtherScreen } from './report/other';
import { DraftPlaceScreen, SentPlaceScreen } from './report/place-screens';
import { NoDraft, ReportScreen } from './report/report';
import { SavedScreen } from './report/saved';
import { replace, route } from '../parts/route';
import { WaitingScreen } from './sent/waiting';
import { JobScreen } from './work/job';
import { JobsScreen } from './work/jobs';
import { useResult } from './work/result-draft';

const SignInScreen = later('Sign in', async () => (await import('./sign-in')).SignInScreen);
const EnrolScreen = later('Set up this phone', async () => (await import('./sign-in')).EnrolScreen);
const SettingsScreen = later('Settings', async () => (await import('./settings')).SettingsScreen);
const SentScreen = later('What you sent', async () => (await import('./sent/one')).SentScreen);
const ResultScreen = later('How it ended', async () => (await import('./work/result')).ResultScreen);
const CasesScreen = later('Open cases nearby', async () => (await import('./council/cases')).CasesScreen);
const CaseScreen = later('Open case', async () => (await import('./council/cases')).CaseScreen);
const MapScreen = later('Map', async () => (await import('./map/map-screen')).MapScreen);
const HotspotsScreen = later('Hotspots', async () => (await import('./council/hotspots')).HotspotsScreen);
const HotspotScreen = later('Hotspot', async () => (await import('./council/hotspot-place')).HotspotScreen);
const ExportScreen = later('Keep a copy as a file', async () => (await import('./export-screen')).ExportScreen);
const MendScreen = later('Mend and send again', async () => (await import('./sent/mend-screen')).MendScreen);

export function Root({ app }: { readonly app: App }) {
  return (
    <AppProvider value={app}>
      <Guarded />
      <p class="out-of-sight" role="status">
        {app.said}
      </p>
      <Pickers />
    </AppProvider>
  );
}

/** On a shared phone the next person finds none of the last one's unsaved work in the form. */
function useOwnDraft(): void {
  const { outbox, draft, result, saved } = useApp();
  const session = outbox.session.value;
  const here = 'user' in session ? session.user.id : null;
  const [before, setBefore] = useState(here);
  useEffect(() => {
    if (here === null || here === before) return;
    setBefore(here);
    if (before === null) return;
    draft.value = null;
    result.value = null;
    saved.value = null;
  }, [here]);
}

function Guarded() {
  const { outbox } = useApp();
  useOwnDraft();
  const { parts, path } = route.value;
  const status = outbox.session.value.status;
  if (status === 'loading') return <Opening />;
  if (parts[0] === 'enrol' && parts[1] !== undefined) return <EnrolScreen code={parts[1]} />;
  if (status === 'signed_out' || parts[0] === 'sign-in') return <SignInScreen />;
  return <Place key={path}>{screenFor(parts)}</Place>;
}

/** A screen of its own for each address, so that nothing typed in one shows up in the next. */
function Place({ children }: { readonly children: ComponentChildren }) {
  return <>{children}</>;
}

/** Until storage is open, which another page can hold up for long: then a band says so. */
function Opening() {
  return (
    <>
      <Bands />
      <main class="body" aria-busy="true">
        <h1>Tipwatch</h1>
        <div class="skeleton" />
        <div class="skeleton" />
      </main>
    </>
  );
}

function screenFor([name, id, more]: readonly string[]): ComponentChildren {
  switch (name) {
    case undefined:
      return <HomeScreen />;
    case 'report':
      return id === 'place' ? <DraftPlaceScreen /> : <Reporting />;
    case 'other':
      return <OtherScreen />;
    case 'saved':
      return <Saved />;
    case 'waiting':
      return <WaitingScreen />;
    case 'sent':
      return <Sent id={id ?? ''} more={more} />;
    case 'jobs':
      return <JobsScreen />;
    case 'job':
      return more === undefined ? <JobScreen id={id ?? ''} /> : <Result id={id ?? ''} outcome={more} />;
    case 'cases':
      return <CasesScreen />;
    case 'case':
      return <CaseScreen id={id ?? ''} />;
    case 'hotspots':
      return id === undefined ? <HotspotsScreen /> : <HotspotScreen id={id} />;
    case 'map':
      return <MapScreen />;
    case 'settings':
      return <SettingsScreen />;
    case 'export':
      return <ExportScreen />;
    default:
      return <NoSuchScreen />;
  }
}

function Sent({ id, more }: { readonly id: string; readonly more: string | undefined }) {
  if (more === 'place') return <SentPlaceScreen id={id} />;
  return more === 'mend' ? <MendScreen id={id} /> : <SentScreen id={id} />;
}

/** Phones kill the page while the camera is open: opened here without a draft, the one in storage goes on. */
function Reporting() {
  const app = useApp();
  const draft = app.draft.value;
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (draft !== null || asked) return;
    const resume = async (): Promise<void> => {
      const kept = await app.capture.resume();
      app.draft.value ??= kept;
      setAsked(true);
    };
    void resume().catch(() => setAsked(true));
  }, [draft, asked]);
  if (draft !== null) return <ReportScreen draft={draft} />;
  return asked ? <NoDraft /> : <Opening />;
}

function Saved() {
  const saved = useApp().saved.value;
  return saved === null ? <WaitingScreen /> : <SavedScreen saved={saved} />;
}

const outcomes: readonly string[] = ['done', 'not_there', 'cannot'] satisfies JobOutcome[];

function isOutcome(text: string): text is JobOutcome {
  return outcomes.includes(text);
}

function Result({ id, outcome }: { readonly id: string; readonly outcome: string }) {
  const draft = useResult(id);
  if (draft === null || !isOutcome(outcome)) return <JobScreen id={id} />;
  return draft === undefined ? <Opening /> : <ResultScreen outcome={outcome} draft={draft} />;
}

function NoSuchScreen() {
  return (
    <Screen title="No such screen">
      <p>That address leads nowhere in Tipwatch.</p>
      <button type="button" class="button main" onClick={() => replace()}>
        Go to the first screen
      </button>
    </Screen>
  );
}
