"""``python -m proxy`` is the command ``isproxy``."""

from proxy.cli import main

main()
