import { Db } from '../outbox/db';
import { DraftStore } from '../outbox/drafts';
import { DRAFT_ID, PUBLIC_NAME } from '../outbox/public-names';
import { freeChecked } from '../outbox/public-room';
import type { NewPhoto } from '../outbox/types';
import { newId } from '../shared/ids';

/** Every value of a field by the field's name; nothing chosen is an empty list. */
export type Values = Record<string, string[]>;

interface Fields {
  /** The report's, from its first word on, so that saving it twice makes it once. */
  reportId: string;
  values: Values;
}

const FOR_MS = 24 * 3_600_000;

/** What was typed and chosen, kept on the device until it was sent, so that a lost connection or page costs nothing. */
export class DeviceDraft {
  reportId = newId();
  values: Values = {};
  photos: NewPhoto[] = [];

  private readonly id: string;
  private readonly db: Db;
  private readonly drafts: DraftStore;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(db: Db, id: string) {
    this.id = id;
    this.db = db;
    this.drafts = new DraftStore(db);
  }

  /** Reads what an earlier page or an earlier day left. A day later nobody else should find it here. */
  async load(now: number): Promise<void> {
    const found = await this.drafts.get(this.id);
    if (found === null) return;
    if (now - Date.parse(found.row.updatedAt) > FOR_MS) return this.drop();
    this.take(found.row.fields, found.photos);
  }

  take(fields: unknown, photos: NewPhoto[]): void {
    const { reportId, values } = fields as Fields;
    this.reportId = reportId;
    this.values = values;
    this.photos = photos;
  }

  /** For a report that was refused under its own id because another already has it. */
  renew(): void {
    this.reportId = newId();
  }

  get fields(): Fields {
    return { reportId: this.reportId, values: this.values };
  }

  /** Writes after whatever is being written already; a full phone costs this comfort only, and is told of when saving. */
  keep(): Promise<void> {
    const row = { id: this.id, updatedAt: new Date().toISOString(), fields: this.fields };
    const photos = [...this.photos];
    const written = this.writing.then(() => this.drafts.put(row, photos)).catch(() => undefined);
    this.writing = written;
    return written;
  }

  /** Makes room for new photos by those of sent reports that the council has checked. */
  freeChecked(): Promise<void> {
    return freeChecked(this.db);
  }

  async drop(): Promise<void> {
    this.values = {};
    this.photos = [];
    await this.writing;
    await this.drafts.remove(this.id).catch(() => undefined);
  }
}

/** The residents' storage, or null where the browser keeps nothing: the pages then work as without it. */
export async function openStorage(): Promise<Db | null> {
  try {
    const db = new Db(PUBLIC_NAME);
    await db.run((handle) => handle.count('ops'));
    return db;
  } catch {
    return null;
  }
}

export { DRAFT_ID };
