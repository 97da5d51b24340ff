/** A chosen hazard fills the screen once: what not to do, then what happens next. */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../parts/icons';

export function HazardWarning({ hazard, onRead }: { readonly hazard: string; readonly onRead: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    if (shown !== null && !shown.open) shown.showModal();
  }, []);
  return (
    <dialog ref={dialog} class="warning" aria-labelledby="warning-title" onClose={onRead}>
      <div class="moment">
        <Icon name="danger" class="mark" />
        <h1 id="warning-title">Do not touch. Keep 5 m away.</h1>
        <p>
          <strong>{hazard}</strong>
        </p>
        <p>
          The council sees this warning first and decides who can clear it safely. Leave it to them. If anyone is in
          danger now, call 999.
        </p>
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          I am keeping away
        </button>
      </div>
    </dialog>
  );
}
