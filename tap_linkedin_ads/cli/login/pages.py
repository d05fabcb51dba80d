"""The pages that the member sees in the browser when LinkedIn has sent them back."""

from __future__ import annotations

import html

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · tap-linkedin-ads</title>
<style>
:root {{ color-scheme: light dark; --ink: #1d2226; --quiet: #56687a; --card: #fff;
  --ground: #f3f2ef; --mark: {mark}; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #f2f2f2; --quiet: #a8b3bd; --card: #1b1f23; --ground: #0d0f11; }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; color: var(--ink);
  background: var(--ground); font: 17px/1.55 system-ui, "Segoe UI", sans-serif; }}
main {{ box-sizing: border-box; width: min(34rem, 92vw); padding: 2.5rem; border-radius: 14px;
  background: var(--card); box-shadow: 0 2px 18px rgb(0 0 0 / 12%); text-align: center; }}
svg {{ width: 64px; height: 64px; }}
h1 {{ margin: .8rem 0 .4rem; font-size: 1.6rem; }}
p {{ margin: .5rem 0; overflow-wrap: anywhere; }}
.quiet {{ color: var(--quiet); }}
code {{ padding: .1rem .45rem; border-radius: 6px; background: var(--ground); font-size: .85em;
  line-height: 2; white-space: nowrap; }}
</style>
</head>
<body>
<main>
<svg viewBox="0 0 64 64" fill="none" stroke="var(--mark)" stroke-width="5"
  stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
<circle cx="32" cy="32" r="28"/><path d="{sign}"/></svg>
<h1>{title}</h1>
{body}
<p class="quiet">You can close this window and go back to the terminal.</p>
</main>
</body>
</html>
"""
_TICK, _CROSS = "M20 33l9 9 16-19", "M23 23l18 18M41 23L23 41"


def granted(scopes: tuple[str, ...]) -> str:
    names = " ".join(f"<code>{html.escape(scope)}</code>" for scope in scopes)
    body = f"<p>tap-linkedin-ads may now read, on your behalf:</p>\n<p>{names}</p>"
    return _PAGE.format(title="You are logged in", mark="#057642", sign=_TICK, body=body)


def refused(reason: str) -> str:
    body = f"<p>{html.escape(reason[:1].upper() + reason[1:])}</p>"
    return _PAGE.format(title="No access", mark="#b24020", sign=_CROSS, body=body)
