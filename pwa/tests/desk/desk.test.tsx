// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDesk, type Desk } from '../../src/desk/desk';
import { setSingleKeys } from '../../src/desk/keys';
import { Root } from '../../src/desk/root';
import { listenToRoutes } from '../../src/parts/route';
import { aRow, deskOf, DeskCouncil } from './council';

vi.mock('../../src/map/map-view', () => ({ MapView: () => null }));
listenToRoutes();

const five = (): DeskCouncil => new DeskCouncil(['1', '2', '3', '4', '5'].map((id) => aRow(id)));

async function open(council: DeskCouncil, hash = '#/cases'): Promise<Desk> {
  location.hash = hash;
  const desk = deskOf(council);
  render(<Root desk={desk} />);
  await act(() => openDesk(desk));
  await waitFor(() => expect(screen.queryAllByText('Loading')).toHaveLength(0));
  return desk;
}

const press = (key: string): boolean => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const rows = (): (string | null)[] => [...document.querySelectorAll('.case-name')].map((name) => name.textContent);
const focused = (): string => document.activeElement?.id ?? '';

afterEach(() => {
  cleanup();
  setSingleKeys(true);
  vi.useRealTimers();
});

describe('the queue by keys', () => {
  it('is gone through, accepted from and undone without a mouse', async () => {
    const council = five();
    await open(council);
    press('j');
    await waitFor(() => expect(focused()).toBe('case-1'));
    press('j');
    await waitFor(() => expect(focused()).toBe('case-2'));
    press('k');
    await waitFor(() => expect(focused()).toBe('case-1'));
    press('a');
    await waitFor(() => expect(rows()).toEqual(['Road 2', 'Road 3', 'Road 4', 'Road 5']));
    await waitFor(() => expect(focused()).toBe('case-2'));
    expect(council.rows.get('1')?.state).toBe('accepted');
    expect(screen.getByRole('status').textContent).toBe('Accepted: NW-26-1');
    press('z');
    await waitFor(() => expect(rows()).toHaveLength(5));
    expect(council.rows.get('1')?.state).toBe('new');
  });

  it('selects many and decides on all of them, with the reason asked for', async () => {
    const council = five();
    await open(council);
    for (const key of ['j', 'x', 'j', 'x']) {
      press(key);
      await act(() => Promise.resolve());
    }
    await waitFor(() => expect(screen.getByText('2 selected')).toBeTruthy());
    press('d');
    const sheet = await screen.findByRole('dialog');
    fireEvent.click(within(sheet).getByRole('radio', { name: /Not ours/ }));
    fireEvent.click(within(sheet).getByRole('button', { name: 'Not ours' }));
    expect(within(sheet).getByText(/Say why/)).toBeTruthy();
    fireEvent.input(within(sheet).getByLabelText('Why'), { target: { value: 'County land' } });
    fireEvent.click(within(sheet).getByRole('button', { name: 'Not ours' }));
    await waitFor(() => expect(rows()).toEqual(['Road 3', 'Road 4', 'Road 5']));
    const cases = [{ id: '1', rev: 1 }, { id: '2', rev: 1 }];
    expect(council.bodies).toContainEqual({ cases, decision: 'not_ours', reason: 'County land', duplicate_of: null });
    expect(screen.getByRole('status').textContent).toBe('Closed as not ours: 2 cases');
  });

  it('opens case after case, deciding on each, and goes back to the list at the end', async () => {
    await open(five(), '#/cases/4');
    await screen.findByRole('heading', { level: 1, name: 'Road 4' });
    await waitFor(() => expect(rows()).toHaveLength(5));
    press('a');
    await screen.findByRole('heading', { level: 1, name: 'Road 5' });
    press('k');
    await screen.findByRole('heading', { level: 1, name: 'Road 3' });
    press('Escape');
    await screen.findByRole('heading', { level: 1, name: 'Queue' });
    await waitFor(() => expect(focused()).toBe('case-3'));
  });

  it('leaves keys alone while somebody types, and wholly when they are turned off', async () => {
    const council = five();
    await open(council);
    press('/');
    expect(document.activeElement?.id).toBe('search');
    press('j');
    press('a');
    expect(document.activeElement?.id).toBe('search');
    (document.activeElement as HTMLElement).blur();
    setSingleKeys(false);
    press('j');
    expect(focused()).not.toBe('case-1');
    expect([...council.rows.values()].every(({ state }) => state === 'new')).toBe(true);
  });

  it('shows every key on a sheet', async () => {
    await open(five());
    press('?');
    const sheet = await screen.findByRole('dialog', { name: 'Keys' });
    expect(within(sheet).getByText('Next case')).toBeTruthy();
  });
});

describe('two officers at once', () => {
  it('tells the second who was first, overwrites nothing, and looks again', async () => {
    const council = five();
    await open(council, '#/cases/2');
    await screen.findByRole('heading', { level: 1, name: 'Road 2' });
    await screen.findByRole('button', { name: 'Accept' });
    council.otherOfficer('2', { state: 'accepted' });
    fireEvent.click(screen.getByRole('button', { name: 'Accept' }));
    const told = await screen.findByRole('alert');
    expect(told.textContent).toMatch(/Priya Officer changed this case/);
    expect(council.rows.get('2')?.rev).toBe(2);
    fireEvent.click(within(told).getByRole('button', { name: 'Look again' }));
    expect(screen.queryByRole('alert')).not.toBeNull();
    await waitFor(() => expect(document.querySelector('.pill')?.textContent).toBe('Accepted'));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('does what it can of many and names the rest', async () => {
    const council = five();
    await open(council);
    fireEvent.click(screen.getByLabelText('Select NW-26-1'));
    fireEvent.click(screen.getByLabelText('Select NW-26-2'));
    council.otherOfficer('2', { label: 'Moved' });
    press('a');
    await waitFor(() => expect(screen.getByText('Accepted: 1 case')).toBeTruthy());
    expect(screen.getByText('1 case left as they were')).toBeTruthy();
    expect(council.rows.get('2')?.state).toBe('new');
  });
});

describe('the list while it is read', () => {
  it('tells of new cases without moving, and brings them in when asked', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const council = five();
    await open(council);
    council.rows.set('6', aRow('6'));
    await act(async () => {
      await vi.advanceTimersByTimeAsync(20_500);
    });
    const chip = await screen.findByRole('button', { name: '1 new case: show it' });
    expect(rows()).toHaveLength(5);
    fireEvent.click(chip);
    await waitFor(() => expect(rows()).toHaveLength(6));
  });

  it('stays on the screen without a connection, and says so', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const council = five();
    await open(council);
    council.online = false;
    await act(async () => {
      await vi.advanceTimersByTimeAsync(20_500);
    });
    await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/No connection to the council/));
    expect(rows()).toHaveLength(5);
    council.online = true;
    await act(async () => {
      await vi.advanceTimersByTimeAsync(20_500);
    });
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  it('asks the server exactly what the address says', async () => {
    const council = five();
    await open(council, '#/cases?state=any&hazard=asbestos&q=mill');
    await waitFor(() => expect(council.asked).toContain('GET /cases?hazard=asbestos&q=mill&limit=50'));
  });
});

it('without a connection from the start says what is wrong and tries again', async () => {
  const council = five();
  council.online = false;
  location.hash = '#/cases';
  const desk = deskOf(council);
  render(<Root desk={desk} />);
  await act(() => openDesk(desk));
  expect(screen.getByText('The desk needs a connection')).toBeTruthy();
  council.online = true;
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(rows()).toHaveLength(5));
});
