// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replace, route } from '../../src/parts/route';
import { Root } from '../../src/screens/root';
import { NOW, aJob, anItem, fakeApp, fakeDraft } from './fakes';
import { heading, open, tap } from './hands';

beforeEach(() => replace());
afterEach(cleanup);

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
    await waitFor(() => tap('Not there'));
    await waitFor(() => expect(heading()).toBe('Not there'));
    tap('Save: not there');
    await waitFor(() =>
      expect(fake.outbox.saveJobResult).toHaveBeenCalledWith('j1', { result: 'not_there', photos: [], draft: expect.any(String) as string }),
    );
    await waitFor(() => expect(fake.app.said.value).toBe('Not there. Saved on this phone.'));
  });

  it('opens the camera for the photo after the work, once what was begun is stored', async () => {
    const fake = fakeApp();
    fake.outbox.data.jobs.value = [aJob()];
    open(fake, 'job', 'j1');
    await waitFor(() => tap('Cleared'));
    expect(fake.outbox.drafts.put).toHaveBeenCalledWith(
      expect.objectContaining({ job: 'j1', fields: { about: { kind: 'clear', label: 'Folly Lane, Baxterley' }, result: 'done', reasons: [], text: '' } }),
      [],
    );
    expect(fake.take).toHaveBeenCalledWith('camera', expect.any(Function));
  });

  it('stays in the form that tells how it ended when the council takes it off the phone meanwhile', async () => {
    const fake = fakeApp();
    fake.outbox.data.jobs.value = [aJob()];
    open(fake, 'job', 'j1', 'not_there');
    await waitFor(() => expect(heading()).toBe('Not there'));
    fireEvent.input(screen.getByLabelText('Anything to add?'), { target: { value: 'Swept clean' } });
    void act(() => {
      fake.outbox.data.jobs.value = [];
    });
    expect(heading()).toBe('Not there');
    tap('Save: not there');
    await waitFor(() =>
      expect(fake.outbox.saveJobResult).toHaveBeenCalledWith(
        'j1',
        expect.objectContaining({ result: 'not_there', reason: 'Swept clean', photos: [] }),
      ),
    );
  });

  it('cannot be given up without a reason', async () => {
    const fake = fakeApp();
    fake.outbox.data.jobs.value = [aJob()];
    open(fake, 'job', 'j1', 'cannot');
    await waitFor(() => tap(/Save/));
    expect(fake.outbox.saveJobResult).not.toHaveBeenCalled();
    expect(screen.getByRole('alert').textContent).toMatch(/Say why/);
    fireEvent.click(screen.getByLabelText('Too dangerous'));
    tap(/Save/);
    await waitFor(() =>
      expect(fake.outbox.saveJobResult).toHaveBeenCalledWith('j1', {
        result: 'cannot',
        reason: 'Too dangerous',
        photos: [],
        draft: expect.any(String) as string,
      }),
    );
  });
});

describe('a job whose page was killed before its result was saved', () => {
  function killed() {
    const fake = fakeApp();
    fake.outbox.data.jobs.value = [aJob()];
    const about = { kind: 'clear', label: 'Folly Lane' };
    const fields = { about, result: 'cannot', reasons: ['Too dangerous'], text: 'Gas' };
    const row = { id: 'd1', job: 'j1', updatedAt: NOW.toISOString(), fields };
    const photo = { id: 'p1', bytes: new ArrayBuffer(3), sha256: 'a'.repeat(64), mime: 'image/jpeg', takenAt: null };
    fake.outbox.drafts.results.mockResolvedValue([row]);
    fake.outbox.drafts.get.mockResolvedValue({ row, photos: [photo] });
    return { fake, photo };
  }

  it('says so on the first screen, and goes on with every word and photo', async () => {
    const { fake, photo } = killed();
    open(fake);
    await waitFor(() => expect(screen.getByText('Draft, not saved: Can’t do it')).toBeTruthy());
    cleanup();
    open(fake, 'job', 'j1', 'cannot');
    await waitFor(() => expect(screen.getByText(/No preview/)).toBeTruthy());
    expect(screen.getByLabelText<HTMLTextAreaElement>('In your words').value).toBe('Gas');
    tap(/Save/);
    await waitFor(() =>
      expect(fake.outbox.saveJobResult).toHaveBeenCalledWith('j1', {
        result: 'cannot',
        reason: 'Too dangerous. Gas',
        photos: [photo],
        draft: 'd1',
      }),
    );
    await waitFor(() => expect(fake.outbox.drafts.remove).toHaveBeenCalledWith('d1'));
  });

  it('says so with the job, where it can be thrown away', async () => {
    const { fake } = killed();
    open(fake, 'job', 'j1');
    await waitFor(() => expect(screen.getByText('1 photo')).toBeTruthy());
    tap('Throw away');
    expect(fake.outbox.drafts.remove).toHaveBeenCalledWith('d1');
  });

  it('can be told all the same when the council has given the job to somebody else', async () => {
    const { fake, photo } = killed();
    fake.outbox.data.jobs.value = [];
    open(fake);
    await waitFor(() => expect(screen.getByText('Draft, not saved: Can’t do it')).toBeTruthy());
    cleanup();
    open(fake, 'job', 'j1');
    expect(heading()).toBe('No longer your job');
    await waitFor(() => expect(screen.getByText('1 photo')).toBeTruthy());
    cleanup();
    open(fake, 'job', 'j1', 'cannot');
    await waitFor(() => tap(/Save/));
    await waitFor(() => expect(fake.outbox.saveJobResult).toHaveBeenCalledWith('j1', expect.objectContaining({ photos: [photo] })));
  });

  it('never shows it to the next person of a shared phone', async () => {
    const { fake } = killed();
    open(fake, 'job', 'j1');
    await waitFor(() => expect(screen.getByText('1 photo')).toBeTruthy());
    fake.outbox.drafts.results.mockResolvedValue([]);
    const before = fake.outbox.session.value;
    if (!('user' in before)) throw new Error('nobody is here');
    fake.outbox.session.value = { ...before, user: { ...before.user, id: 'u2' } };
    await waitFor(() => expect(screen.queryByText('1 photo')).toBeNull());
  });
});

describe('before the council’s lists have come', () => {
  it('says so, and does not claim that they are empty', async () => {
    const fake = fakeApp();
    fake.outbox.data.asOf.value = null;
    fake.outbox.reach.value = 'no_network';
    for (const parts of [[], ['jobs'], ['cases'], ['hotspots']]) {
      open(fake, ...parts);
      await waitFor(() => expect(screen.getByText('Nothing has come from the council yet')).toBeTruthy());
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
    await waitFor(() =>
      expect(screen.getByRole('link', { name: /Ford Lane, Arley/ }).textContent).toContain('more than usual'),
    );
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

  it('asks a signed-out person to sign in, and lets a paused one go on', async () => {
    const fake = fakeApp();
    fake.outbox.session.value = { status: 'signed_out' };
    open(fake);
    await waitFor(() => expect(heading()).toBe('Sign in to Tipwatch'));
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
