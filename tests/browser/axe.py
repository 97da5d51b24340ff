"""What a machine can tell about whether everybody can use a screen: axe-core, and a few measures of our own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = ("light", "dark", "sunlight")
# Gloved thumbs: crew screens have no smaller target, in CSS pixels.
TARGET = 48

_RUN = """
async (rules) => {
  const options = rules === null ? {} : { runOnly: { type: 'rule', values: rules } };
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) =>
    html.slice(0, 160) + ' | ' + failureSummary.split('\\n').slice(1).join(' ')).join(' ;; ')}`);
}
"""
_OVERFLOWING = """
() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const reach = (element) => element.getBoundingClientRect().right;
  return [...document.querySelectorAll('body *')]
    .filter((element) => reach(element) > room + 1 && element.closest('.leaflet-pane') === null)
    .map((element) => `${element.outerHTML.slice(0, 100)} reaches ${reach(element)} of ${room}`);
}
"""
_SMALL_TARGETS = """
(least) => {
  const within = document.querySelector('dialog[open]') ?? document;
  const targets = within.querySelectorAll('a[href], button, input, select, textarea, summary, [role=button]');
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  return [...targets].filter(seen).flatMap((element) => {
    const { width, height } = (element.closest('.chip') ?? element).getBoundingClientRect();
    if (width >= least - 0.5 && height >= least - 0.5) return [];
    return [`${element.outerHTML.slice(0, 120)} is ${Math.round(width)} by ${Math.round(height)}`];
  });
}
"""
_FOCUS = """
() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  // An outline, or the yellow that GOV.UK Frontend fills or surrounds with whatever has the focus.
  const marked = (one, part) => {
    if (one === null) return false;
    const { outlineStyle, outlineWidth, outlineColor, backgroundColor, boxShadow } = getComputedStyle(one, part);
    const outlined = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 3 && outlineColor !== 'rgba(0, 0, 0, 0)';
    return outlined || `${backgroundColor} ${boxShadow}`.includes('rgb(255, 221, 0)');
  };
  const next = element.nextElementSibling;
  const shown = marked(element) || (element.matches('.chip input') && marked(next))
    || (element.matches('[type=radio], [type=checkbox]') && marked(next, '::before'));
  const { top, bottom } = (element.closest('.chip') ?? element).getBoundingClientRect();
  window.focused ??= new Map();
  if (!window.focused.has(element)) window.focused.set(element, window.focused.size);
  return {
    number: window.focused.get(element), html: element.outerHTML.slice(0, 120),
    shown, inView: bottom > 0 && top < innerHeight,
  };
}
"""


@cache
def _source() -> str:
    if not AXE.exists():
        raise RuntimeError("axe-core is not there. It comes with the crew's app: make .make/pwa-packages")
    return AXE.read_text()


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page as it is, by all its rules or by these."""
    if not page.evaluate("'axe' in window"):
        # Through the debugger: the page's own policy lets no foreign script in, and is not to be loosened for tests.
        session = page.context.new_cdp_session(page)
        session.send("Runtime.evaluate", {"expression": _source()})
        session.detach()
    found: list[str] = page.evaluate(_RUN, rules)
    return found


def wear(page: Page, look: str) -> None:
    """Put on a look: light, dark, or sunlight."""
    page.emulate_media(color_scheme="dark" if look == "dark" else "light", reduced_motion="reduce")
    page.evaluate(
        "look => { if (look === 'sunlight') document.documentElement.dataset.look = look;"
        " else delete document.documentElement.dataset.look; }",
        look,
    )


def overflowing(page: Page) -> list[str]:
    """What makes the page scroll sideways: on small phones, and with text and all else at 200 %.

    Sizes of the app are multiples of the text's. A window half as wide is therefore the same as text twice as large,
    also for the widths at which the layout changes.
    """
    found = []
    usual = page.viewport_size
    assert usual, "the window has a size"
    for width, scale in ((320, 1), (390, 2), (320, 2)):
        page.set_viewport_size({"width": width // scale, "height": usual["height"] // scale})
        found += [f"at {width} px and {scale}00 %: {one}" for one in page.evaluate(_OVERFLOWING)]
    page.set_viewport_size(usual)
    return found


def small_targets(page: Page) -> list[str]:
    """What can be tapped and is smaller than a gloved thumb needs."""
    found: list[str] = page.evaluate(_SMALL_TARGETS, TARGET)
    return found


def focus_troubles(page: Page, most: int = 60) -> list[str]:
    """What cannot be seen to have the focus when Tab walks once around the page."""
    troubles, seen = [], set()
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None or focus["number"] in seen:
            break
        seen.add(focus["number"])
        if not focus["shown"]:
            troubles.append(f"no focus to be seen on {focus['html']}")
        if not focus["inView"]:
            troubles.append(f"out of view: {focus['html']}")
    assert seen, "nothing on the page takes the focus"
    return troubles


def inspect(page: Page, *, crew: bool = True) -> list[str]:
    """All that is wrong with the page as it is, in every look, narrow, and with large text."""
    found = []
    for look in LOOKS if crew else ("light",):
        wear(page, look)
        # Words, names and order are the same in every look; what one can see is not.
        rules = None if look == "light" else ["color-contrast"]
        found += [f"{look}: {violation}" for violation in violations(page, rules)]
    wear(page, "light")
    return found + overflowing(page) + (small_targets(page) if crew else [])
