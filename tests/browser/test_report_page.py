"""The page opens offline in a headless browser, without console errors or sideways scrolling."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pytest

from semola_geo.reporting import example_report, render_html

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    # Whatever the page asks the network for fails, and shows in the console.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# A headless window is never narrower than 500 pixels, a frame is; media queries follow the frame.
FRAME = """<!doctype html><meta charset="utf-8"><body style="margin: 0">
<iframe srcdoc="{page}" style="border: 0; width: {width}px; height: 900px"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.onload = () => {{
  const page = frame.contentDocument.documentElement;
  const wide = [...page.querySelectorAll("main *")].filter((item) =>
    item.getBoundingClientRect().right > page.clientWidth + 1 && !item.closest(".scroll"));
  const text = [...page.querySelectorAll("text")].filter((item) => item.checkVisibility());
  const sizes = text.map((item) => item.getBoundingClientRect().height);
  document.body.dataset.result = [page.clientWidth, page.scrollWidth, wide.length,
    frame.contentWindow.performance.getEntriesByType("resource").length,
    Math.min(...sizes).toFixed(1)].join(" ");
}};
</script>"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="needs Debian's chromium"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_opens_offline_and_fits(width: int, scheme: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    content = escape(render_html(example_report()), quote=True)
    page.write_text(FRAME.format(page=content, width=width), encoding="utf-8")
    command = [
        str(BROWSER),
        *FLAGS,
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        "--window-size=1500,1000",
        "--dump-dom",
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr
    result = re.search(r'data-result="(\d+) (\d+) (\d+) (\d+) ([\d.]+)"', done.stdout)
    assert result is not None
    client, scroll, wide, fetched = map(int, result.groups()[:4])
    assert width - 20 <= client <= width
    assert scroll <= client
    assert wide == 0
    assert fetched == 0
    # Height of the smallest line of text in any figure, in pixels.
    assert float(result.group(5)) >= 8.0
