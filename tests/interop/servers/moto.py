"""moto, which takes any proof, and whose SECRET_BLOCK is a UUID."""

import pathlib

import common

PROGRAM = pathlib.Path(__file__).parent.parent / ".env/moto/bin/moto_server"

port = common.free_port()
# It logs every request to standard error.
with common.serving([str(PROGRAM), "--host", "127.0.0.1", "--port", str(port)], port, quiet=True) as endpoint:
    common.announce(common.create_pools(endpoint))
