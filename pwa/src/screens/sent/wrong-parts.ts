/** The council names wrong members by their names on the wire; people know them by their names on the form. */
const names: Readonly<Record<string, string>> = {
  category: 'What it is',
  kind: 'What it is',
  description: 'Note',
  text: 'Note',
  reason: 'Why',
  seen_at: 'When it was seen',
  position: 'Place',
  waste: 'Kind of waste',
  size: 'How much',
  land: 'Land',
  hazards: 'Dangerous things',
  photos: 'Photos',
  joins: 'Case it belongs to',
  id: 'Receipt code',
};

export interface WrongPart {
  readonly name: string;
  readonly messages: readonly string[];
}

/** One line for each part of the form, whatever lies inside it: `photos.0.bytes` is about the photos. */
export function wrongParts(errors: Readonly<Record<string, unknown>>): readonly WrongPart[] {
  const parts = new Map<string, string[]>();
  for (const [member, told] of Object.entries(errors)) {
    const top = member.split('.')[0] ?? member;
    const name = names[top] ?? top.replaceAll('_', ' ');
    parts.set(name, [...new Set([...(parts.get(name) ?? []), ...sentences(told)])]);
  }
  return [...parts].map(([name, messages]) => ({ name, messages }));
}

/** Messages lie in lists, and for lists of things in lists by number. */
function sentences(told: unknown): string[] {
  if (typeof told === 'string') return [told];
  if (typeof told !== 'object' || told === null) return [];
  return Object.values(told).flatMap(sentences);
}
