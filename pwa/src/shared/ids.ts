/** A random (version 4) id: made on the phone, kept by the server, so a wrong clock cannot harm it. */
export function newId(): string {
  return crypto.randomUUID();
}
