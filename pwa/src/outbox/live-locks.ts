/** What tabs say to each other about a lock. */
type Said = 'who holds it' | 'i do';

/** A live tab answers at once, however slow its link and however long it has been in the background. */
const ANSWER_MS = 5_000;

/** What the outbox asks of the browser's locks. */
export interface Locks {
  request<T>(name: string, options: LockOptions, work: (lock: Lock | null) => T | Promise<T>): Promise<T>;
}

export interface LockChannel {
  postMessage(said: Said): void;
  onmessage: ((event: MessageEvent) => unknown) | null;
}

/**
 * The browser's locks, but a tab that was frozen with one does not keep it: it answers nobody, so another tab takes the
 * lock from it. Should it thaw, it ends what it had begun, which the council takes for the resend it is.
 * One channel stands for one lock, asked for with `ifAvailable`.
 */
export class LiveLocks implements Locks {
  private readonly locks: Locks;
  private readonly channel: LockChannel;
  private holding = false;
  private heard: (() => void) | null = null;

  constructor(locks: Locks, channel: LockChannel) {
    this.locks = locks;
    this.channel = channel;
    channel.onmessage = ({ data }) => this.hear(data as Said);
  }

  async request<T>(name: string, options: LockOptions, work: (lock: Lock | null) => T | Promise<T>): Promise<T> {
    if (this.holding) return work(null);
    const tried = await this.locks.request(name, options, async (lock): Promise<{ done: T } | null> =>
      lock === null ? null : { done: await this.hold(lock, work) },
    );
    if (tried !== null) return tried.done;
    if (await this.holderAnswers()) return work(null);
    return this.locks.request(name, { steal: true }, (lock) => this.hold(lock, work));
  }

  private async hold<T>(lock: Lock | null, work: (lock: Lock | null) => T | Promise<T>): Promise<T> {
    this.holding = true;
    try {
      return await work(lock);
    } finally {
      this.holding = false;
    }
  }

  private hear(said: Said): void {
    if (said === 'i do') this.heard?.();
    else if (this.holding) this.channel.postMessage('i do');
  }

  private async holderAnswers(): Promise<boolean> {
    const answered = new Promise<boolean>((resolve) => {
      const silence = setTimeout(() => resolve(false), ANSWER_MS);
      this.heard = () => {
        clearTimeout(silence);
        resolve(true);
      };
    });
    this.channel.postMessage('who holds it');
    return answered;
  }
}

/** Of this browser, on a channel of this name; undefined where it has no locks, as older Safari. */
export function liveLocks(channel: string): Locks | undefined {
  // Absent in older Safari and outside secure pages, whatever the type library says.
  const locks = navigator.locks as LockManager | undefined;
  return locks === undefined ? undefined : new LiveLocks(locks, new BroadcastChannel(channel));
}
