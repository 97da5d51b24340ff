import { type Client, NoNetwork, type Reply, refusal } from './client';
import type { Id } from './types';

const VERSION = { 'Tus-Resumable': '1.0.0' };
const FIRST_CHUNK = 256 * 1024;
const SMALLEST_CHUNK = 64 * 1024;
/** On a link that carries it, a photo in one piece: each piece more is an answer waited for. */
const LARGEST_CHUNK = 4 * 1024 * 1024;
/** Successes in a row that double a chunk, once one has failed; before that, each does. */
const WARY = 3;
/** Answers in a row that brought no byte further before the caller's backoff takes over. */
const FRUITLESS_LIMIT = 4;

/** What an upload goes out by; a client that adds a token to each call fits too. */
export type TusClient = Pick<Client, 'send'>;

export interface PhotoUpload {
  photoId: Id;
  bytes: ArrayBuffer;
  /** How far an earlier attempt got, as far as this phone knows. The server's word wins. */
  offset: number;
  onOffset: (offset: number) => Promise<void> | void;
  /** Asked before each chunk; false ends the attempt with what has arrived so far. */
  goOn: () => boolean;
}

/** A size rule as TCP's: double after each chunk that went well; halve after one that failed, and be wary from then on. */
export class ChunkSize {
  bytes = FIRST_CHUNK;
  private needed = 1;
  private left = 1;

  succeeded(): void {
    this.left -= 1;
    if (this.left) return;
    this.left = this.needed;
    this.bytes = Math.min(LARGEST_CHUNK, this.bytes * 2);
  }

  failed(): void {
    this.left = this.needed = WARY;
    this.bytes = Math.max(SMALLEST_CHUNK, this.bytes / 2);
  }
}

/** One photo on its way up by tus 1.0, its address made from its id, so that a lost answer costs one HEAD. */
export class TusUpload {
  private readonly client: TusClient;
  private readonly photo: PhotoUpload;
  private readonly chunk: ChunkSize;
  private readonly path: string;
  private offset: number;
  private begun: boolean;
  private fruitless = 0;
  private mismatched = false;

  constructor(client: TusClient, photo: PhotoUpload, chunk = new ChunkSize()) {
    this.client = client;
    this.photo = photo;
    this.chunk = chunk;
    this.path = `/api/v1/uploads/${photo.photoId}`;
    this.offset = photo.offset;
    this.begun = photo.offset > 0 && photo.offset < photo.bytes.byteLength;
  }

  /**
   * Sends what the server does not have. Answers true when every byte has arrived, false when `goOn` ended it early.
   * Throws NoNetwork, or Refused when the server will not take this photo (or not yet).
   */
  async run(): Promise<boolean> {
    while (!this.begun || this.offset < this.photo.bytes.byteLength) {
      if (!this.photo.goOn()) return false;
      await this.step();
    }
    return true;
  }

  private async step(): Promise<void> {
    const before = this.offset;
    const next = await this.piece();
    if (next === 'restart' || (next === 'ask' && !(await this.ask()))) await this.restart();
    this.fruitless = this.offset > before ? 0 : this.fruitless + 1;
    if (this.fruitless >= FRUITLESS_LIMIT) throw new NoNetwork('no progress');
  }

  /** One chunk. What to do when its fate is unknown or the server disagrees: ask for its offset, or start again. */
  private async piece(): Promise<'on' | 'ask' | 'restart'> {
    const body = this.photo.bytes.slice(this.offset, this.offset + this.chunk.bytes);
    let reply: Reply;
    try {
      reply = await this.client.send({ ...this.call(), body });
    } catch {
      this.chunk.failed();
      return 'ask';
    }
    const reached = offsetOf(reply);
    if (reply.status < 300 && reached !== null) {
      this.begun = true;
      this.chunk.succeeded();
      await this.moveTo(reached);
      return 'on';
    }
    return this.disagreement(reply);
  }

  /** The first chunk begins the upload: one answer less to wait for. */
  private call(): { method: 'POST' | 'PATCH'; path: string; headers: Record<string, string> } {
    const { photoId, bytes } = this.photo;
    const headers = { ...VERSION, 'Content-Type': 'application/offset+octet-stream' };
    return this.begun
      ? { method: 'PATCH', path: this.path, headers: { ...headers, 'Upload-Offset': String(this.offset) } }
      : {
          method: 'POST',
          path: '/api/v1/uploads',
          headers: { ...headers, 'Upload-Length': String(bytes.byteLength), 'Upload-Metadata': `photo_id ${btoa(photoId)}` },
        };
  }

  private disagreement(reply: Reply): 'ask' | 'restart' {
    const error = refusal(reply);
    if (error instanceof NoNetwork) {
      this.chunk.failed();
      return 'ask';
    }
    if ([400, 409, 423, 460].includes(reply.status) && error.problem.code !== 'photo_not_expected') return 'ask';
    if (isGone(error)) return 'restart';
    if (error.problem.code === 'photo_hash_mismatch' && !this.mismatched) {
      this.mismatched = true;
      return 'restart';
    }
    throw error;
  }

  /** Takes over the server's offset; answers false when it knows of no such upload. */
  private async ask(): Promise<boolean> {
    const reply = await this.client.send({ method: 'HEAD', path: this.path, headers: VERSION });
    const reached = offsetOf(reply);
    if (!isTus(reply)) throw new NoNetwork("an answer that is not the council's");
    if (reply.status < 300 && reached !== null) {
      this.begun = true;
      await this.moveTo(reached);
    }
    return !isGone(reply);
  }

  private async restart(): Promise<void> {
    this.begun = false;
    await this.moveTo(0);
  }

  private async moveTo(offset: number): Promise<void> {
    if (offset > this.photo.bytes.byteLength) throw new NoNetwork('an offset past the end');
    if (offset === this.offset) return;
    this.offset = offset;
    await this.photo.onOffset(offset);
  }
}

function isGone({ status }: { status: number }): boolean {
  return status === 404 || status === 410;
}

function isTus(reply: Reply): boolean {
  return reply.headers.get('tus-resumable') !== null;
}

function offsetOf(reply: Reply): number | null {
  const value = reply.headers.get('upload-offset');
  return isTus(reply) && value !== null && /^\d+$/.test(value) ? Number(value) : null;
}
