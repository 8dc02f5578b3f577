"""The frame of the pages that grading writes: one file, no script, phone first, light and dark."""

from html import escape

_STYLE = """
:root { color-scheme: light dark; --page: #fff; --text: #1c1f24; --link: #1f4fa3;
  --line: #c5c9d1; --soft: #f2f4f7; --good: #0a6b2d; --bad: #a3210f; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171b; --text: #e6e8ec; --link: #9cc0ff;
    --line: #4a505c; --soft: #23272f; --good: #6fd08c; --bad: #ff9b87; }
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--text); }
a { color: var(--link); }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h3 { font-size: 1rem; margin-bottom: .25rem; }
p, tbody th { overflow-wrap: anywhere; }
thead th, td { white-space: nowrap; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .25rem 0; }
th, td { text-align: left; padding: .4rem .5rem .4rem 0; border-bottom: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .6rem .75rem;
  border-radius: .4rem; margin: .5rem 0; }
code { font: .9rem/1.45 ui-monospace, monospace; }
mark { background: #ffe08a; color: #1b1b1b; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
@media print { body { max-width: none; } h2 { break-after: avoid; } }
"""

# Nothing may be loaded and nothing run, whatever slipped into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title, body):
    """A whole page around `body`, which is HTML; `title` is text."""
    return (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
