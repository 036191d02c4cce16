"""ministack, the one emulator here that checks the proof. It binds to every interface unless it is told not to."""

import pathlib

import common

PYTHON = pathlib.Path(__file__).parent.parent / ".env/ministack/bin/python"

port = common.free_port()
environment = {
    "BIND_HOST": "127.0.0.1",
    "GATEWAY_PORT": str(port),
    "LOG_LEVEL": "WARNING",
    # SECRET_HASH is checked only with this.
    "AUTH": "true",
    # The other services open ports of their own.
    "SERVICES": "cognito-idp",
}
with common.serving([str(PYTHON), "-m", "ministack"], port, environment) as endpoint:
    common.announce(common.create_pools(endpoint))
