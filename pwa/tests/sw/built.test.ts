import { existsSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';

const built = (name: string): URL => new URL(`../../dist/${name}`, import.meta.url);

describe.each(['sw.js', 'residents-sw.js'])('the built %s', (name) => {
  it('is a classic script, as Firefox takes no module for a service worker', () => {
    expect(existsSync(built(name)), 'not built yet: npm run build').toBe(true);
    const source = readFileSync(built(name), 'utf8');
    // import, export and import.meta are no syntax of a script; import() is, but no worker of this kind may call it.
    expect(() => new Script(source)).not.toThrow();
    expect(source).not.toMatch(/\bimport\s*\(/);
    // Nothing of it but the worker's own acts is global.
    expect(source.trimStart()).toMatch(/^\(?(function|\(\)=>|!function)/);
  });
});
