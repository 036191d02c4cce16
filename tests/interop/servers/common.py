"""What the server scripts share: a process that listens on 127.0.0.1, and a pool made in it as an administrator would.

Each script prints one line of JSON, the pools that it serves, and serves until its standard input ends, so that no server
outlives the run that started it.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time

REGION = "us-east-1"

# The second password is there for its bytes: composed and decomposed accents, which nobody may normalise, and a character
# outside the first plane, which a client that counts in UTF-16 must still send as four bytes. The colon stands where the
# equations put one of their own.
USERS = {
    "user": {"username": "alice", "password": "Corr3ct:horse-battery!"},
    "non_ascii": {"username": "zoe", "password": "P\u00e4sswo\u0308rd-\u5bc6\u7801-\U0001f511-1"},
    "forced": {"username": "frank", "password": "Temp0rary!pass", "new_password": "Perm4nent!pass"},
}
ALIAS = "alice@example.com"
# What CUSTOM_CHALLENGE asks for.
CUSTOM_ANSWER = "forty-two"
# How often it is asked before there are tokens.
CUSTOM_ROUNDS = 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(command, port, environment=None, quiet=False, seconds=60):
    """Runs a server and waits until it takes connections; stops it at the end."""
    output = subprocess.DEVNULL if quiet else sys.stderr
    process = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
    )
    try:
        wait_for(port, process, seconds)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(port, process, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode} before it listened")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port} after {seconds} seconds")


def announce(pools):
    """Tells the caller which pools there are, and returns when the caller is done."""
    print(json.dumps({"pools": pools}), flush=True)
    sys.stdin.read()


def create_pools(endpoint):
    """One pool with a client of each kind, through boto3. Devices are left out: no emulator here has them."""
    import boto3

    idp = boto3.client(
        "cognito-idp",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    pool_id = idp.create_user_pool(PoolName="interop", AliasAttributes=["email"])["UserPool"]["Id"]
    for role, user in USERS.items():
        attributes = [{"Name": "email_verified", "Value": "true"}]
        attributes += [{"Name": "email", "Value": ALIAS if role == "user" else f"{user['username']}@example.com"}]
        idp.admin_create_user(
            UserPoolId=pool_id,
            Username=user["username"],
            TemporaryPassword=user["password"],
            MessageAction="SUPPRESS",
            UserAttributes=attributes,
        )
        if role != "forced":
            idp.admin_set_user_password(
                UserPoolId=pool_id, Username=user["username"], Password=user["password"], Permanent=True
            )
    clients = {"plain": create_client(idp, pool_id, secret=False), "secret": create_client(idp, pool_id, secret=True)}
    return {kind: pool(endpoint, pool_id, *client) for kind, client in clients.items() if client}


def create_client(idp, pool_id, secret):
    """Makes a client whose secret the service's model allows, `[\\w+]{24,64}`; none when there is no such secret.

    ministack's secrets contain `/` in two of three, moto's are UUIDs.
    """
    for _ in range(100):
        client = idp.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="secret" if secret else "plain",
            GenerateSecret=secret,
            # The conformance program asks who is a user.
            PreventUserExistenceErrors="ENABLED",
            ExplicitAuthFlows=[
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            ],
        )["UserPoolClient"]
        client_secret = client.get("ClientSecret")
        if client_secret is None or re.fullmatch(r"[\w+]{24,64}", client_secret):
            return client["ClientId"], client_secret
    return None


def pool(endpoint, pool_id, client_id, client_secret=None):
    description = {"endpoint": endpoint, "region": REGION, "pool_id": pool_id, "client_id": client_id, "alias": ALIAS, **USERS}
    if client_secret:
        description["client_secret"] = client_secret
    return description
