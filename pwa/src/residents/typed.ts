/** What was typed stays on the device until the report was sent, so that a lost connection or cookie costs no words. */

const PREFIX = 'tipwatch-form:';
const FOR_MS = 24 * 3600 * 1000;

interface Kept {
  readonly at: number;
  readonly fields: Record<string, string>;
}

function read(key: string): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}

function write(key: string, kept: Kept): void {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // A full or forbidden store only costs this comfort.
  }
}

function forget(which: (key: string) => boolean): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && which(key)) localStorage.removeItem(key);
  } catch {
    // As above: where nothing can be kept, nothing has to go.
  }
}

export function keepTyped(form: HTMLFormElement | null): void {
  const now = Date.now();
  const sent = document.querySelector('[data-sent]') !== null;
  forget((key) => sent || now - (read(key)?.at ?? 0) > FOR_MS);
  const question = form?.dataset.question ?? '';
  const fields = [...(form?.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('[data-kept]') ?? [])];
  if (fields.length === 0) return;
  const key = PREFIX + question;
  if (document.querySelector('[data-added]') !== null) forget((one) => one === key);
  const kept = read(key)?.fields ?? {};
  for (const field of fields) {
    field.value ||= kept[field.name] ?? '';
    field.addEventListener('input', () => {
      write(key, { at: Date.now(), fields: Object.fromEntries(fields.map(({ name, value }) => [name, value])) });
    });
  }
}
