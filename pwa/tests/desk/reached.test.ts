import { describe, expect, it } from 'vitest';
import { attempt } from '../../src/desk/desk';
import { NoNetwork } from '../../src/wire/client';
import { deskOf, DeskCouncil } from './council';

const lost = (): Promise<never> => Promise.reject(new NoNetwork());

describe('whether the council can be reached', () => {
  it('is not told by an answer to what was asked before the connection was lost', async () => {
    const desk = deskOf(new DeskCouncil([]));
    let arrive: () => void = () => undefined;
    const before = attempt(desk, () => new Promise<void>((resolve) => (arrive = resolve)));
    await attempt(desk, lost);
    arrive();
    await before;
    expect(desk.reached.value).toBe(false);
  });

  it('is told by the next answer', async () => {
    const desk = deskOf(new DeskCouncil([]));
    await attempt(desk, lost);
    await attempt(desk, () => Promise.resolve());
    expect(desk.reached.value).toBe(true);
  });
});
