import { SaveError } from '../../outbox/words';

/** The outbox rejects with sentences meant for people; anything else is told without its jargon. */
export function plainError(error: unknown): string {
  if (error instanceof SaveError) return error.message;
  return 'It could not be saved on this phone. Try again. If it goes on, free some space on the phone.';
}
