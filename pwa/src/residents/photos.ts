/** Shows chosen photos before they are sent, and says at once what could not be taken. */

const LARGEST_BYTES = 25 * 1024 * 1024;

function preview(file: File): HTMLLIElement {
  const item = document.createElement('li');
  const picture = document.createElement('img');
  picture.alt = '';
  picture.src = URL.createObjectURL(file);
  const cannot = document.createElement('p');
  cannot.className = 'cannot';
  cannot.textContent = 'Cannot be shown here, but can be sent';
  picture.addEventListener('load', () => URL.revokeObjectURL(picture.src));
  picture.addEventListener('error', () => picture.replaceWith(cannot));
  const name = document.createElement('p');
  name.className = 'name';
  name.textContent = file.size > LARGEST_BYTES ? `${file.name}: larger than 25 MB, choose a smaller photo` : file.name;
  if (file.size > LARGEST_BYTES) name.classList.add('problem');
  item.append(picture, name);
  return item;
}

function summary(files: readonly File[], room: number): string {
  const tooLarge = files.filter(({ size }) => size > LARGEST_BYTES).length;
  const chosen = files.length === 1 ? '1 photo chosen.' : `${files.length} photos chosen.`;
  if (files.length > room) return `${chosen} There is room for ${room}: choose fewer.`;
  return tooLarge > 0 ? `${chosen} ${tooLarge} too large to send.` : chosen;
}

export function showPhotos(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>('[data-photos]');
  const list = form.querySelector<HTMLElement>('[data-previews]');
  if (input === null || list === null) return;
  const said = document.createElement('p');
  said.className = 'hint';
  said.setAttribute('role', 'status');
  list.before(said);
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    list.replaceChildren(...files.map(preview));
    list.hidden = files.length === 0;
    said.textContent = files.length === 0 ? '' : summary(files, Number(input.dataset.room ?? files.length));
  });
}
