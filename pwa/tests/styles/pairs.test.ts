import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { edgePairs, wordPairs } from './pairs';

const folder = fileURLToPath(new URL('../../src/styles/', import.meta.url));
const sheet = (name: string): string => readFileSync(`${folder}${name}`, 'utf8');
const tokens = sheet('tokens.css');

function colours(selector: string): ReadonlyMap<string, string> {
  const start = tokens.indexOf(`${selector} {`);
  expect(start, `${selector} stands in tokens.css`).toBeGreaterThanOrEqual(0);
  const block = tokens.slice(start, tokens.indexOf('}', start));
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1] ?? '', found[2] ?? '']),
  );
}

/** Relative luminance of `#rrggbb`, WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(first: string, second: string): number {
  const [dark = 0, light = 0] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const light = colours(':root');
const modes = [
  ['light', light],
  ['dark', colours(':root:not([data-look="sunlight"])')],
  ['sunlight', colours(':root[data-look="sunlight"]')],
] as const;

describe.each(modes)('%s', (_name, palette) => {
  it('names every colour', () => {
    expect([...palette.keys()].sort()).toEqual([...light.keys()].sort());
  });

  it.each(wordPairs)('%s on %s reads at 7 to 1', (words, ground) => {
    expect(contrast(palette.get(words) ?? '', palette.get(ground) ?? '')).toBeGreaterThanOrEqual(7);
  });

  it.each(edgePairs)('%s on %s stands out at 3 to 1', (edge, ground) => {
    expect(contrast(palette.get(edge) ?? '', palette.get(ground) ?? '')).toBeGreaterThanOrEqual(3);
  });
});

describe('style sheets', () => {
  const sheets = readdirSync(folder).filter((name) => name.endsWith('.css') && name !== 'tokens.css');

  it.each(sheets)('%s takes its colours and type sizes from the tokens', (name) => {
    const text = sheet(name);
    expect(text).not.toMatch(/#[0-9a-f]{3,8}\b(?![^{]*\{)/i);
    expect(text).not.toMatch(/font-size:(?! var\(--size-[1-5]\))/);
  });

  it.each(sheets)('%s puts words only on grounds that are checked', (name) => {
    const rules = [...sheet(name).matchAll(/\{([^{}]*)\}/g)].map((found) => found[1] ?? '');
    const used = rules.flatMap((rule) => {
      const words = /(?:^|[\s;])color: var\(--([\w-]+)\)/.exec(rule)?.[1];
      const ground = /background: var\(--([\w-]+)\)/.exec(rule)?.[1];
      return words === undefined || ground === undefined ? [] : [`${words} on ${ground}`];
    });
    const known = wordPairs.map(([words, ground]) => `${words} on ${ground}`);
    expect(used.filter((pair) => !known.includes(pair))).toEqual([]);
  });
});
