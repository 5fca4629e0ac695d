"""A bare aiohttp handler on uvloop: one reply for every request, nothing else. The measure for cached replies.

Run as ``handler.py PORT BODY HEADERS``; BODY is a file, HEADERS a JSON file of name and value.
"""

import json
import sys
from pathlib import Path

import uvloop
from aiohttp import web
from load import HOST


def main(port: int, body: Path, headers: Path) -> None:
    """Serve until terminated."""
    data = body.read_bytes()
    fields = json.loads(headers.read_text())

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=data, headers=fields)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    web.run_app(app, host=HOST, port=port, access_log=None, print=None, loop=uvloop.new_event_loop())


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
