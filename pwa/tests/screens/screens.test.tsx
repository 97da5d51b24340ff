// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SaveError } from '../../src/outbox/words';
import { listenToRoutes, replace, route } from '../../src/parts/route';
import { Root } from '../../src/screens/root';
import { aCase, aJob, anItem, fakeApp, fakeDraft, HERE } from './fakes';

listenToRoutes();

/** Opens the app at an address, the way a link inside it does. */
function open(fake: ReturnType<typeof fakeApp>, ...parts: string[]): void {
  replace(...parts);
  render(<Root app={fake.app} />);
}

const tap = (name: string | RegExp): boolean => fireEvent.click(screen.getByRole('button', { name }));
const photo = (): File => new File(['bytes'], 'tip.jpg', { type: 'image/jpeg' });
const heading = (): string => screen.getByRole('heading', { level: 1 }).textContent;

/** What the phone's camera does once it was opened: hands over a picture. */
async function shoot(fake: ReturnType<typeof fakeApp>): Promise<void> {
  const use = fake.take.mock.lastCall?.[1];
  expect(use).toBeDefined();
  await act(async () => {
    use?.([photo()]);
    await Promise.resolve();
  });
}

beforeEach(() => replace());
afterEach(cleanup);

describe('reporting a fly-tip', () => {
  it('takes six taps from open to saved, two of them the phone’s own', async () => {
    const fake = fakeApp();
    open(fake);
    tap('Report a fly-tip'); // 1; the camera opens inside this tap
    expect(fake.take).toHaveBeenCalledWith('camera', expect.any(Function));
    await shoot(fake); // 2 shutter, 3 use photo
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    fireEvent.click(screen.getByLabelText('Tyres')); // 4
    fireEvent.click(screen.getByLabelText('Item')); // 5
    tap('Save report'); // 6
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
    const draft = fake.drafts[0];
    expect(draft?.fields.value).toMatchObject({ kind: 'fly_tip', waste: ['tyres'], size: 'single_item' });
    expect(draft?.photos.value).toHaveLength(1);
    expect(screen.getByText('7K3MQ-2PXD9')).toBeTruthy();
  });

  it('stores the draft before the camera opens', () => {
    const fake = fakeApp();
    const order: string[] = [];
    fake.take.mockImplementation(() => void order.push('camera'));
    fake.capture.begin.mockImplementation((kind, category) => {
      const draft = fakeDraft(kind, category);
      draft.keep.mockImplementation(() => {
        order.push('stored');
        return Promise.resolve();
      });
      return draft;
    });
    open(fake);
    tap('Report a fly-tip');
    expect(order).toEqual(['stored', 'camera']);
  });

  it('says “saved” only once the outbox has answered, and one tap saves once', async () => {
    const fake = fakeApp();
    let answer: () => void = () => undefined;
    const draft = fakeDraft('fly_tip', 'fly_tip');
    draft.save.mockImplementation(
      () =>
        new Promise((resolve) => {
          answer = () => resolve({ opId: 'o', entityId: 'r9', receiptCode: 'A', savedAt: HERE.fixed_at });
        }),
    );
    fake.app.draft.value = draft;
    open(fake, 'report');
    tap('Save report');
    tap(/Saving/);
    await waitFor(() => expect(draft.save).toHaveBeenCalledTimes(1));
    expect(screen.queryByText('Saved on this phone')).toBeNull();
    await act(async () => {
      answer();
      await Promise.resolve();
    });
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
  });

  it('keeps the form and says why when it could not be saved', async () => {
    const fake = fakeApp();
    const draft = fakeDraft('fly_tip', 'fly_tip');
    draft.save.mockRejectedValue(new SaveError('full'));
    fake.app.draft.value = draft;
    open(fake, 'report');
    tap('Save report');
    await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/Phone nearly full/));
    expect(heading()).toBe('Fly-tip');
    expect(fake.app.draft.value).toBe(draft);
  });

  it('saves without a position and then asks for a pin', async () => {
    const fake = fakeApp();
    fake.gps.value = null;
    open(fake);
    tap('Report a fly-tip');
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    tap('Save report');
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
    expect(screen.getByText('It has no place yet')).toBeTruthy();
  });

  it('waits for a photo still on its way, so that a quick thumb cannot leave it out', async () => {
    const fake = fakeApp();
    open(fake);
    tap('Report a fly-tip');
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    const draft = fake.drafts[0];
    if (draft === undefined) throw new Error('no draft was begun');
    let arrive: () => void = () => undefined;
    draft.addPhotos.mockImplementation(
      () =>
        new Promise((resolve) => {
          arrive = () => {
            draft.photos.value = [{ id: 'p1', size: 5, mime: 'image/jpeg', thumbUrl: null }];
            resolve([]);
          };
        }),
    );
    await shoot(fake);
    tap('Save report');
    await new Promise((later) => setTimeout(later, 20));
    expect(draft.save).not.toHaveBeenCalled();
    arrive();
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
    expect(screen.getByText(/^1 photo\. /)).toBeTruthy();
  });

  it('goes on with the stored draft when the phone killed the page behind the camera', async () => {
    const fake = fakeApp();
    const kept = fakeDraft('fly_tip', 'fly_tip');
    fake.capture.resume.mockResolvedValue(kept);
    open(fake, 'report');
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    expect(fake.app.draft.value).toBe(kept);
  });

  it('offers the kinds used last first', () => {
    const fake = fakeApp();
    fake.capture.lastChoices.value = { waste: ['green', 'tyres'], sizes: [], land: [] };
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    open(fake, 'report');
    const kinds = within(screen.getByRole('group', { name: 'What is it?' })).getAllByRole('checkbox');
    expect(kinds.slice(0, 3).map((kind) => kind.getAttribute('value'))).toEqual([
      'green',
      'tyres',
      'black_bags_household',
    ]);
  });

  it('leaves nothing behind when nothing was begun, and keeps what was', () => {
    const fake = fakeApp();
    const untouched = fakeDraft('fly_tip', 'fly_tip');
    fake.app.draft.value = untouched;
    open(fake, 'report');
    tap('Back');
    expect(untouched.discard).toHaveBeenCalled();
    cleanup();

    const begun = fakeDraft('fly_tip', 'fly_tip');
    begun.set({ waste: ['tyres'] });
    fake.app.draft.value = begun;
    open(fake, 'report');
    tap('Back');
    expect(begun.discard).not.toHaveBeenCalled();
    expect(begun.keep).toHaveBeenCalled();
  });
});

describe('hazards', () => {
  const warningText = 'Do not touch. Keep 5 m away.';

  it('fill the screen once for each report', async () => {
    const fake = fakeApp();
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    open(fake, 'report');
    const choices = within(screen.getByRole('group', { name: 'What is dangerous?', hidden: true }));
    fireEvent.click(choices.getByLabelText('Asbestos'));
    expect(screen.getByText(warningText)).toBeTruthy();
    tap('I am keeping away');
    await waitFor(() => expect(screen.queryByText(warningText)).toBeNull());
    fireEvent.click(choices.getByLabelText(/Needles/));
    expect(screen.queryByText(warningText)).toBeNull();
    expect(fake.app.draft.value.fields.value.hazards).toEqual(['asbestos', 'sharps']);
  });

  it('come with waste that is one, and go with it', async () => {
    const fake = fakeApp();
    const draft = fakeDraft('fly_tip', 'fly_tip');
    fake.app.draft.value = draft;
    open(fake, 'report');
    tap('More kinds');
    const kinds = within(screen.getByRole('group', { name: 'What is it?' }));
    fireEvent.click(kinds.getByLabelText('Asbestos'));
    expect(draft.fields.value.hazards).toEqual(['asbestos']);
    tap('I am keeping away');
    await waitFor(() => expect(screen.queryByText(warningText)).toBeNull());
    fireEvent.click(kinds.getByLabelText('Asbestos'));
    expect(draft.fields.value).toMatchObject({ waste: [], hazards: [] });
  });
});

describe('“Is it one of these?”', () => {
  it('shows only open cases of the same kind within reach, and one tap adds the report', async () => {
    const fake = fakeApp();
    fake.outbox.data.cases.value = [
      aCase(),
      aCase({ id: 'far', reference: 'NW-26-00200', lat: 52.58 }),
      aCase({ id: 'else', reference: 'NW-26-00201', kind: 'incident', category: 'graffiti' }),
    ];
    open(fake);
    tap('Report a fly-tip');
    await shoot(fake);
    await waitFor(() => expect(screen.getByText('Is it one of these?')).toBeTruthy());
    const asked = screen.getByRole('status', { name: 'Is it one of these?' });
    expect(within(asked).getAllByRole('listitem')).toHaveLength(1);
    tap(/Add photo to it/);
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
    expect(fake.drafts[0]?.fields.value.joins).toBe('c1');
    expect(screen.getByText(/added to NW-26-00123/)).toBeTruthy();
  });

  it('does not ask where no case lies near', () => {
    const fake = fakeApp();
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    open(fake, 'report');
    expect(screen.queryByText('Is it one of these?')).toBeNull();
  });
});

describe('the pin', () => {
  it('moves by arrow keys and by buttons, in metres', () => {
    const fake = fakeApp();
    const draft = fakeDraft('fly_tip', 'fly_tip');
    fake.app.draft.value = draft;
    open(fake, 'report', 'place');
    const map = screen.getByRole('application');
    fireEvent.keyDown(map, { key: 'ArrowUp' });
    fireEvent.keyDown(map, { key: 'ArrowUp', shiftKey: true });
    fireEvent.click(screen.getByLabelText('500 m'));
    tap('East');
    tap('Use this place');
    const [lat, lon] = draft.placePin.mock.lastCall ?? [0, 0];
    expect((lat - HERE.lat) * 111_195).toBeCloseTo(55, 1);
    expect((lon - HERE.lon) * 111_195 * Math.cos((lat * Math.PI) / 180)).toBeCloseTo(500, 0);
  });

  it('cannot be used before it was moved when nothing is known', () => {
    const fake = fakeApp();
    fake.gps.value = null;
    const draft = fakeDraft('fly_tip', 'fly_tip', fake.gps);
    fake.app.draft.value = draft;
    open(fake, 'report', 'place');
    tap('Use this place');
    expect(draft.placePin).not.toHaveBeenCalled();
    tap('North');
    tap('Use this place');
    expect(draft.placePin).toHaveBeenCalled();
  });

  it('gives way to a typed grid reference, and says what to mend', () => {
    const fake = fakeApp();
    const draft = fakeDraft('fly_tip', 'fly_tip');
    fake.app.draft.value = draft;
    open(fake, 'report', 'place');
    const typed = screen.getByLabelText('Or type a grid reference');
    fireEvent.input(typed, { target: { value: 'here' } });
    tap('Use this reference');
    expect(screen.getByRole('alert').textContent).toMatch(/two letters/);
    expect(typed.getAttribute('aria-invalid')).toBe('true');
  });
});

describe('waiting to send', () => {
  it('shows the count everywhere and each state in the outbox’s own words', () => {
    const fake = fakeApp();
    fake.outbox.items.value = [
      anItem({ id: 'a', words: 'Saved on this phone' }),
      anItem({ id: 'b', state: 'photos', words: 'Photos 1 of 2 checked' }),
      anItem({ id: 'c', state: 'needs_you', words: 'Needs you', note: 'The council did not know this kind.' }),
      anItem({ id: 'd', state: 'safe', words: 'Safe, phone copy can go', waiting: false }),
    ];
    open(fake, 'waiting');
    expect(screen.getByRole('link', { name: /3 waiting.*one needs you/ })).toBeTruthy();
    for (const words of ['Saved on this phone', 'Photos 1 of 2 checked', 'Needs you', 'Safe, phone copy can go']) {
      expect(screen.getByText(words)).toBeTruthy();
    }
    expect(screen.getByText('The council did not know this kind.')).toBeTruthy();
    expect(screen.getByText('Nothing is deleted from this phone until the council has it.')).toBeTruthy();
  });

  it('sends on a tap and tells what came of it', async () => {
    const fake = fakeApp();
    fake.outbox.items.value = [anItem()];
    fake.outbox.sendNow.mockImplementation(() => {
      fake.outbox.reach.value = 'no_network';
      return Promise.resolve();
    });
    open(fake, 'waiting');
    tap('Send now');
    await waitFor(() => expect(fake.app.said.value).toMatch(/cannot be reached/));
    expect(screen.getByText('The council cannot be reached just now')).toBeTruthy();
  });
});

describe('a job', () => {
  it('ends with “not there” without signal', async () => {
    const fake = fakeApp();
    fake.outbox.reach.value = 'no_network';
    fake.outbox.data.jobs.value = [aJob()];
    open(fake, 'job', 'j1');
    tap('Not there');
    await waitFor(() => expect(heading()).toBe('Not there'));
    tap('Save: not there');
    await waitFor(() =>
      expect(fake.outbox.saveJobResult).toHaveBeenCalledWith('j1', { result: 'not_there', photos: [] }),
    );
    await waitFor(() => expect(fake.app.said.value).toBe('Not there. Saved on this phone.'));
  });

  it('opens the camera for the photo after the work', () => {
    const fake = fakeApp();
    fake.outbox.data.jobs.value = [aJob()];
    open(fake, 'job', 'j1');
    tap('Cleared');
    expect(fake.take).toHaveBeenCalledWith('camera', expect.any(Function));
  });

  it('cannot be given up without a reason', async () => {
    const fake = fakeApp();
    fake.outbox.data.jobs.value = [aJob()];
    open(fake, 'job', 'j1', 'cannot');
    tap(/Save/);
    expect(fake.outbox.saveJobResult).not.toHaveBeenCalled();
    expect(screen.getByRole('alert').textContent).toMatch(/Say why/);
    fireEvent.click(screen.getByLabelText('Too dangerous'));
    tap(/Save/);
    await waitFor(() =>
      expect(fake.outbox.saveJobResult).toHaveBeenCalledWith('j1', {
        result: 'cannot',
        reason: 'Too dangerous',
        photos: [],
      }),
    );
  });
});

describe('before the council’s lists have come', () => {
  it('says so, and does not claim that they are empty', () => {
    const fake = fakeApp();
    fake.outbox.data.asOf.value = null;
    fake.outbox.reach.value = 'no_network';
    for (const parts of [[], ['jobs'], ['cases'], ['hotspots']]) {
      open(fake, ...parts);
      expect(screen.getByText('Nothing has come from the council yet')).toBeTruthy();
      expect(screen.queryByText(/No job|No case|No place/)).toBeNull();
      cleanup();
    }
  });

  it('still saves, with what it is in the note', async () => {
    const fake = fakeApp();
    fake.outbox.data.reference.value = null;
    open(fake, 'report');
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    await waitFor(() => expect(screen.getByLabelText('Note')).toBeTruthy());
    tap('Save report');
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
  });
});

describe('a place that keeps being hit', () => {
  const place = {
    id: 'h1', rank: 2, kind: 'fly_tip' as const, label: 'Ford Lane, Arley', lat: 52.5, lon: -1.5, count: 4, trend: 'rising',
    extent_m: 85, first: '2026-06-14', last: '2026-11-05',
  };
  const evidence = {
    days: 365, expected: 0.42, usual: false, up_to: '2026-11', months: [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2],
    hours: Array.from({ length: 24 }, (_, hour) => (hour === 6 ? 4 : 0)), weekdays: [3, 0, 0, 0, 1, 0, 0],
    waste: [{ code: 'tyres', name: 'Tyres', count: 3 }, { code: null, name: 'Not said', count: 1 }],
    done: [{ kind: 'clear' as const, result: 'done' as const, at: '2026-11-19T10:00:00Z' }],
  };

  it('is shown without signal with what would be usual, when it is hit, with what, and what was done', async () => {
    const fake = fakeApp();
    fake.outbox.reach.value = 'no_network';
    fake.outbox.data.hotspots.value = [{ ...place, evidence }];
    open(fake, 'hotspots');
    expect(screen.getByRole('link', { name: /Ford Lane, Arley/ }).textContent).toContain('more than usual');
    cleanup();
    open(fake, 'hotspots', 'h1');
    await waitFor(() => expect(screen.getByText('4 fly-tips in a year; about 0.4 would be usual here.')).toBeTruthy());
    const said = document.querySelector('main')?.textContent ?? '';
    expect(said).toContain('That is more than chance explains.');
    expect(said).toContain('Most in November 2026, 2 cases. None in 9 of 12 months.');
    expect(said).toContain('Most between 04:00 and 07:00: 4 of 4.');
    expect(said).toContain('Most on Monday: 3 of 4.');
    expect(document.querySelectorAll('.plot.months rect')).toHaveLength(12);
    expect(screen.getByRole('table', { name: 'What was left' }).textContent).toContain('Tyres3');
    expect(said).toContain('Clear: cleared, yesterday 10:00');
  });

  it('is shown as well when the council says no more than its count', async () => {
    const fake = fakeApp();
    fake.outbox.data.hotspots.value = [place];
    open(fake, 'hotspots', 'h1');
    await waitFor(() => expect(screen.getByText('4, from 14 Jun 2026 to 5 Nov 2026')).toBeTruthy());
    expect(document.querySelector('.plot')).toBeNull();
  });
});

describe('around every screen', () => {
  it('says that a demo is a demo, also before and after a report', () => {
    const fake = fakeApp();
    for (const parts of [[], ['waiting'], ['map'], ['settings'], ['jobs'], ['cases'], ['hotspots'], ['other']]) {
      open(fake, ...parts);
      expect(screen.getByText('Demo: not a real council')).toBeTruthy();
      cleanup();
    }
  });

  it('never offers an update over a draft', () => {
    const fake = fakeApp();
    fake.updates.ready.value = true;
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    open(fake, 'report');
    expect(screen.queryByText('A newer Tipwatch is ready.')).toBeNull();
    void act(() => {
      fake.app.draft.value = null;
      replace();
    });
    tap('Use it now');
    expect(fake.updates.apply).toHaveBeenCalled();
  });

  it('says what holds it up while it cannot open its storage yet', () => {
    const fake = fakeApp();
    fake.outbox.session.value = { status: 'loading' };
    open(fake);
    expect(screen.queryByRole('alert')).toBeNull();
    void act(() => {
      fake.outbox.notice.value = 'Another page of Tipwatch is open on this phone and holds it up.';
    });
    expect(screen.getByRole('alert').textContent).toContain('Another page of Tipwatch is open on this phone');
  });

  it('says when it is too old for the council’s lists, that it still sends, and what to do', () => {
    const fake = fakeApp();
    fake.outbox.updateNeeded.value = true;
    open(fake);
    expect(screen.getByText('This Tipwatch is too old to show all the council’s lists. What you save is still sent.')).toBeTruthy();
    tap('Look for a newer one');
    expect(fake.updates.apply).toHaveBeenCalledTimes(1);
    void act(() => {
      fake.updates.ready.value = true;
    });
    tap('Use it now');
    expect(fake.updates.apply).toHaveBeenCalledTimes(2);
    cleanup();
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    open(fake, 'report');
    expect(screen.queryByText(/too old to show/)).toBeNull();
  });

  it('moves the focus to the heading when the screen changes', async () => {
    const fake = fakeApp();
    open(fake);
    void act(() => replace('settings'));
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Settings'));
    expect(document.title).toBe('Settings · Tipwatch');
  });

  it('asks a signed-out person to sign in, and lets a paused one go on', () => {
    const fake = fakeApp();
    fake.outbox.session.value = { status: 'signed_out' };
    open(fake);
    expect(heading()).toBe('Sign in to Tipwatch');
    cleanup();
    const paused = fakeApp();
    const session = paused.outbox.session.value;
    if (session.status !== 'signed_in') throw new Error('the fake is signed in');
    paused.outbox.session.value = { ...session, status: 'paused' };
    open(paused);
    expect(screen.getByText(/Paused: sign in/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Report a fly-tip' })).toBeTruthy();
  });

  it('says that it is a demo before anybody has signed in, when the page says so', () => {
    document.documentElement.dataset.demo = '';
    const fake = fakeApp();
    fake.outbox.session.value = { status: 'signed_out' };
    open(fake);
    expect(screen.getByText('Demo: not a real council')).toBeTruthy();
    delete document.documentElement.dataset.demo;
  });

  it('signs in by the link that was sent, after a tap, and takes its code out of the address', async () => {
    const fake = fakeApp();
    fake.outbox.session.value = { status: 'signed_out' };
    location.hash = '#enrol=Secret-Code';
    await waitFor(() => expect(route.value.parts).toEqual(['enrol', 'Secret-Code']));
    render(<Root app={fake.app} />);
    expect(fake.outbox.enrol).not.toHaveBeenCalled();
    await waitFor(() => expect(location.hash).toBe('#/enrol'));
    tap('Set up this phone');
    await waitFor(() => expect(fake.outbox.enrol).toHaveBeenCalledWith('Secret-Code'));
  });
});
