"""Pixels proved against independent implementations: what the server makes beside what others make of the same pictures.

``rows`` says what a measurement is, ``figures`` how two pictures are compared, ``studio`` asks the server's one path,
``chromium`` and ``imagemagick`` ask other programs; every other module is one subject of measurements, and ``table`` lists
them. ``texts`` are set here (``typeset``) and by ``libreoffice``, and kept side by side by ``goldens``.
``python -m fidelity`` writes ``docs/fidelity.md``; ``tests/fidelity`` holds the limits.
"""
