"""Serve the calculator to the browsers of this machine, and open it in yours. Ctrl-C ends it.

Example: costcheck app --set h100_usd=25000 --port 8900
"""

from __future__ import annotations

import argparse

from costcheck.cli.options import assignments, given_day

PORT = 8866


OPTIONS = ("--set", "--as-of", "--port", "--no-browser")


def main(options: argparse.Namespace) -> int:
    from costcheck.apps.browser import free_port
    from costcheck.apps.calculator.settings import Settings
    from costcheck.prices.quotes import value_of

    given = {key: value_of(key, text) for key, text in assignments(options.set).items()}
    link = Settings(given_day("--as-of", options.as_of), given).link()
    port = free_port(options.port, PORT)
    from costcheck.apps.calculator.web import serve

    serve(port, link, wanted=not options.no_browser)
    return 0
