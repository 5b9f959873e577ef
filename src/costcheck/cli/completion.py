"""Print a script by which your shell completes commands, options and files.

bash: costcheck completion bash > ~/.local/share/bash-completion/completions/costcheck; zsh: into a folder of
$fpath, as _costcheck; fish: > ~/.config/fish/completions/costcheck.fish

Example: costcheck completion bash
"""

from __future__ import annotations

import argparse

from costcheck.cli.options import COMMANDS, Parser, fill

SHELLS = ("bash", "zsh", "fish")


def add(parser: Parser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def main(options: argparse.Namespace) -> int:
    import shtab

    whole = Parser("costcheck")
    commands = whole.add_subparsers()
    for name, what in COMMANDS.items():
        if " " not in name:  # prices import: shells complete its first word
            parser = fill(commands.add_parser(name, help=what), name)
            for action in parser._actions:
                if action.nargs != 0 and not action.choices:
                    action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(whole, options.shell))
    return 0
