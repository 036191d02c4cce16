"""The crate's own `examples/local_pool`, once for each kind of pool, on ports that the system chooses."""

import contextlib
import os
import re
import subprocess
import sys

import common

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
SECRET = "0interop0client0secret0of0forty0letters0"


@contextlib.contextmanager
def local_pool(pool_id, client_id, *flags, secret=None):
    command = ["cargo", "run", "--quiet", "--locked", "-p", "local_pool", "--", "--listen", "127.0.0.1:0"]
    command += ["--pool-id", pool_id, "--client-id", client_id]
    for user in common.USERS.values():
        command += ["--user", f"{user['username']}:{user['password']}"]
    command += ["--alias", f"{common.ALIAS}={common.USERS['user']['username']}"]
    command += ["--force-new-password", common.USERS["forced"]["username"], *flags]
    if secret:
        command += ["--client-secret", secret]
    # `cargo run` becomes the program it has built, so ending the child ends the server.
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
    try:
        yield common.pool(endpoint_of(process), pool_id, client_id, secret)
    finally:
        process.terminate()
        process.wait(timeout=10)


def endpoint_of(process):
    for line in process.stdout:
        announced = re.search(r"listening on (http://\S+)", line)
        if announced:
            return announced[1].rstrip("/")
    raise SystemExit(f"local_pool ended with {process.wait()} before it listened")


with (
    local_pool("us-east-1_InteropOne", "interopplain") as plain,
    local_pool("us-east-1_InteropTwo", "interopsecret", secret=SECRET) as secret,
    # Devices get rare numbers, too: `row` and `rare` have no second proof.
    local_pool("us-east-1_InteropThree", "interopdevices", "--devices", "--rare") as devices,
    local_pool("us-east-1_InteropFour", "interoprare", "--rare") as rare,
):
    pools = {"plain": plain, "secret": secret, "devices": devices, "rare": rare}
    common.announce({**pools, "user_auth": plain, "custom_auth": plain})
