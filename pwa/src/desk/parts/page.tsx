/** The frame of a screen of the desk: its heading, which takes the focus on arrival, and its body. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

let arrivals = 0;

/** Moves the focus to the heading on every change of screen, so that screen readers and keys begin at the top. */
export function useArrival(title: string, { quiet = false } = {}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    arrivals += 1;
    if (arrivals > 1 && !quiet) heading.current?.focus();
  }, []);
  useEffect(() => {
    document.title = `${title} · Tipwatch desk`;
  }, [title]);
  return heading;
}

interface PageProps {
  readonly title: string;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Page({ title, actions, children }: PageProps) {
  const heading = useArrival(title);
  return (
    <div class="page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions}
      </header>
      {children}
    </div>
  );
}
