/**
 * Photos on their way from the camera into a draft: read and hashed, which takes a moment for a large one.
 * Saving waits for them, so that a quick thumb cannot leave the photo out of the report.
 */
let onTheWay: Promise<unknown> = Promise.resolve();

export function track<T>(taking: Promise<T>): Promise<T> {
  onTheWay = Promise.allSettled([onTheWay, taking]);
  return taking;
}

/** Resolves when every photo picked so far has arrived or failed. */
export async function arrived(): Promise<void> {
  await onTheWay;
}
