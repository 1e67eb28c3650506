"""The frame of a self-contained HTML page."""

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
{body}
</body>
</html>
"""


def html_page(title: str, css: str, body: str) -> str:
    """A whole page; the title is escaped, the body is HTML.

    Examples
    --------
    >>> "<title>Scar &lt; 5 %</title>" in html_page("Scar < 5 %", "", "<p>none</p>")
    True
    """
    return _PAGE.format(title=escape(title), css=css, body=body)
