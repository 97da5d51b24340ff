/** Small bar plots. Each stands beside a table or a sentence with the same figures, so the picture itself is hidden from screen readers. */

interface PlotProps {
  readonly values: readonly number[];
  /** Said under the first, the last and any other bar; empty for none. */
  readonly marks: readonly string[];
  readonly class?: string;
}

const BAR = 16;
const GAP = 4;
const HEIGHT = 64;
const LINE = 18;

/** Room for the words under a bar: a mark is drawn only where the one before has left some. */
export function Plot({ values, marks, class: extra = '' }: PlotProps) {
  const most = Math.max(1, ...values);
  const width = Math.max(1, values.length * (BAR + GAP) - GAP);
  return (
    <svg class={`plot ${extra}`} viewBox={`0 0 ${width} ${HEIGHT + LINE}`} aria-hidden="true" focusable="false">
      {values.map((value, index) => {
        const height = Math.round((value / most) * HEIGHT);
        return <rect key={index} class="bar" x={index * (BAR + GAP)} y={HEIGHT - height} width={BAR} height={height} />;
      })}
      <line class="floor" x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} />
      {marks.map((mark, index) =>
        mark === '' ? null : (
          <text key={index} class="mark" x={index * (BAR + GAP) + BAR / 2} y={HEIGHT + LINE - 4}>
            {mark}
          </text>
        ),
      )}
    </svg>
  );
}

/** A figure of a table as a bar across its cell: `share` of 1 is the whole width. */
export function Across({ share }: { readonly share: number }) {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <svg class="across" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect class="bar" x={0} y={0} width={width} height={8} />
    </svg>
  );
}
