"""Ending processes."""

from __future__ import annotations

import contextlib

import psutil


def kill_tree(pid: int, *, itself: bool = True) -> None:
    """Kill all processes that a process has started, and by default the process."""
    victims: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        victims += [process] * itself
        victims += process.children(recursive=True)
    for victim in victims:
        with contextlib.suppress(psutil.Error):
            victim.kill()
