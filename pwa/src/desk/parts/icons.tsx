/** The desk's own Lucide icons; those it shares with the crew's app are in parts/icons. */
import {
  ArrowLeftRight,
  ChartColumn,
  CircleQuestionMark,
  Contact,
  ExternalLink,
  Flame,
  Hand,
  Inbox,
  ListChecks,
  LogOut,
  Menu,
  Merge,
  Printer,
  Search,
  Smartphone,
  Split,
  Undo2,
  Users,
  X,
  ZoomIn,
} from 'lucide-preact';

const icons = {
  close: X,
  contact: Contact,
  held: Hand,
  hotspots: Flame,
  jobs: ListChecks,
  keys: CircleQuestionMark,
  menu: Menu,
  merge: Merge,
  original: ExternalLink,
  overview: ChartColumn,
  people: Users,
  phones: Smartphone,
  print: Printer,
  queue: Inbox,
  search: Search,
  side: ArrowLeftRight,
  signOut: LogOut,
  split: Split,
  undo: Undo2,
  zoom: ZoomIn,
} as const;

export type DeskIconName = keyof typeof icons;

export function DeskIcon({ name }: { readonly name: DeskIconName }) {
  const Drawn = icons[name];
  return <Drawn class="icon" aria-hidden="true" focusable="false" />;
}
