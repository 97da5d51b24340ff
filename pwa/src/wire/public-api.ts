import { type Client, isRecord } from './client';
import type { Id, PhotoCount, ReportCreate, Timestamp } from './types';

/** How to reach the reporter; all of it may be left out. */
export interface Contact {
  name: string | null;
  email: string | null;
  phone: string | null;
}

/** What a resident sends: a report, whose council it is for, and the reporter's details. */
export interface PublicReport extends ReportCreate {
  /** The council's short name, as in its addresses. */
  authority: string;
  /** The place in words; may be empty when there is a position. */
  where: string;
  contact: Contact;
}

export interface PublicReceipt {
  receipt_code: string;
  /** The page to follow the report by, `/status/<token>`. */
  status_url: string;
  /** Opens the uploads of this report's photos. */
  upload_token: string;
}

export interface PublicStatus {
  receipt_code: string;
  words: string;
  photos: PhotoCount;
  /** Those of the report's photos whose whole bytes were compared with their hashes. */
  verified_photos: Id[];
  /** Those whose bytes are not there, never came or found damaged: they are to be sent, again if need be. */
  missing_photos: Id[];
  /** The council's clock. */
  server_time: Timestamp;
}

const isReceipt = (body: unknown): body is PublicReceipt =>
  isRecord(body) && ['receipt_code', 'status_url', 'upload_token'].every((name) => typeof body[name] === 'string');

const isStatus = (body: unknown): body is PublicStatus =>
  isRecord(body) &&
  typeof body.receipt_code === 'string' &&
  [body.verified_photos, body.missing_photos].every(Array.isArray) &&
  Number.isFinite(Date.parse(String(body.server_time)));

/** The calls of somebody who has no account. Each throws NoNetwork or Refused. */
export class PublicApi {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  /** One report in. Sent again, it is answered the same. */
  report(report: object): Promise<PublicReceipt> {
    return this.client.json({ method: 'POST', path: '/api/v1/public/reports', body: report }, isReceipt);
  }

  /** What the council has of the report that is followed by this page. */
  status(statusUrl: string): Promise<PublicStatus> {
    const token = statusUrl.slice(statusUrl.lastIndexOf('/') + 1);
    return this.client.json({ method: 'GET', path: `/api/v1/public/reports/${token}` }, isStatus);
  }
}
