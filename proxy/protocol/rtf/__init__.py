"""Rich text as ``text=`` and ``textPs=`` take it (``c-supported-rtf-commands-and-keywords``)."""
