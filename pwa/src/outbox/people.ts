import { newId } from '../shared/ids';
import type { Api } from '../wire/api';
import { Refused } from '../wire/client';
import type { Id, Session } from '../wire/types';
import type { ReadCopy } from './copy';
import type { Db } from './db';
import type { MetaValues, Owner } from './schema';

export type Present = (Owner & { here: true; deviceId: Id }) | { here: false };

/** Whose phone this is at the moment: the session the server knows, and this phone's place on the council's list. */
export class People {
  private readonly db: Db;
  private readonly api: Api;
  private readonly copy: ReadCopy;
  private readonly label: string;
  private readonly now: () => number;

  constructor(db: Db, api: Api, copy: ReadCopy, label: string, now: () => number) {
    this.db = db;
    this.api = api;
    this.copy = copy;
    this.label = label;
    this.now = now;
  }

  /** The last person known here, who may read and save without a live session. */
  async known(): Promise<MetaValues['session'] | null> {
    return (await this.db.meta('session')) ?? null;
  }

  /**
   * Asks the server whose cookie this is, so that nobody's rows go out under another name, and puts the phone on the
   * list when it is not there. A 401 pauses and changes nothing else. Throws NoNetwork or Refused.
   */
  async check(): Promise<Present> {
    let session: Session;
    try {
      session = await this.api.session();
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) throw error;
      await this.pause();
      return { here: false };
    }
    await this.welcome(session);
    const deviceId = await this.deviceId();
    if (session.device_id !== deviceId) await this.enrol();
    return { here: true, userId: session.user.id, authorityId: session.authority.id, deviceId };
  }

  /** Makes this person the one here. Another person's read copy goes; what another person saved stays, and stays theirs. */
  async welcome({ user, authority }: Pick<Session, 'user' | 'authority'>): Promise<void> {
    const cursor = await this.db.meta('cursor');
    if (cursor !== undefined && (cursor.userId !== user.id || cursor.authorityId !== authority.id)) await this.copy.clear();
    const revoked = (await this.known())?.revoked ?? null;
    await this.db.run(async (db) => {
      const tx = db.transaction(['meta', 'people'], 'readwrite');
      await Promise.all([
        tx.objectStore('meta').put({ user, authority, paused: false, seenAt: this.now(), revoked }, 'session'),
        tx.objectStore('people').put({ id: user.id, name: user.name }),
        tx.done,
      ]);
    });
  }

  async pause(): Promise<void> {
    const session = await this.known();
    if (session !== null && !session.paused) await this.db.setMeta('session', { ...session, paused: true });
  }

  /** The council has switched this phone off (in its own words), or on again (null). Everything on it stays. */
  async revoke(said: string | null): Promise<void> {
    const session = await this.known();
    if (session !== null && session.revoked !== said) await this.db.setMeta('session', { ...session, revoked: said });
  }

  async forget(): Promise<void> {
    await this.copy.clear();
    await this.db.run((db) => db.delete('meta', 'session'));
  }

  /** Without a code within the session there is; with one, the code opens the session. */
  async enrol(code?: string): Promise<void> {
    await this.welcome(await this.api.enrol(await this.deviceId(), this.label, code));
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.welcome(await this.api.signIn(email, password));
  }

  /** Made once, then this phone's for good. */
  private async deviceId(): Promise<Id> {
    const fresh = newId();
    return this.db.run(async (db) => {
      const tx = db.transaction('meta', 'readwrite');
      const device = (await tx.store.get('device')) as MetaValues['device'] | undefined;
      if (device === undefined) await tx.store.put({ id: fresh, label: this.label }, 'device');
      await tx.done;
      return device?.id ?? fresh;
    });
  }
}

/** A name an officer can tell phones apart by, from the browser's own words. */
export function phoneLabel(userAgent: string): string {
  const system = /iPhone|iPad|Android|Windows|Macintosh|Linux/.exec(userAgent)?.[0] ?? 'Phone';
  const browser = /Firefox|EdgA?|Chrome|CriOS|Safari/.exec(userAgent)?.[0];
  return browser === undefined ? system : `${system}, ${browser}`;
}
