"""The crate's own `examples/local_pool`, once for each kind of pool, on ports that the system chooses.

    local_pool.py COUNT

COUNT is the number of sign-ins in a row. A code of an authenticator app is good once, so there are as many users with an app.
"""

import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile

import common
import triggers

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
SECRET = "0interop0client0secret0of0forty0letters0"
PASSWORD = common.USERS["user"]["password"]
ALL_FLOWS = [
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
]


class LocalPool:
    """A running pool, and what a driver must know of it."""

    def __init__(self, stack, pool_id, client_id, arguments, **description):
        # `run` has built it.
        program = os.path.join(os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target"), "debug", "local_pool")
        command = [program, "--listen", "127.0.0.1:0", *arguments]
        # A client with a slow proof on a busy machine keeps its connection so long between two messages.
        command += ["--timeout", "120"]
        # It prints every code to standard error.
        self.errors = stack.enter_context(tempfile.TemporaryFile("w+"))
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )
        stack.callback(self.stop)
        self.names, self.description = (pool_id, client_id), description

    def pool(self):
        """Waits until the pool listens, and describes it."""
        return {**common.pool(self.endpoint(), *self.names), **self.description}

    def endpoint(self):
        for line in self.process.stdout:
            announced = re.search(r"listening on (http://\S+)", line)
            if announced:
                return announced[1].rstrip("/")
        self.errors.seek(0)
        raise SystemExit(f"local_pool ended with {self.process.wait()} before it listened:\n{self.errors.read()}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


# The keys that sign the calls of an administrator, which every pool checks.
ACCESS_KEYS = "[access_keys]\ntest = \"test\"\n"


def of_flags(stack, pool_id, client_id, *flags, secret=None):
    """A pool of passwords and devices."""
    arguments = ["--config", written(stack, ACCESS_KEYS), "--pool-id", pool_id, "--client-id", client_id]
    for user in common.USERS.values():
        arguments += ["--user", f"{user['username']}:{user['password']}"]
    arguments += ["--alias", f"{common.ALIAS}={common.USERS['user']['username']}"]
    arguments += ["--force-new-password", common.USERS["forced"]["username"], *flags]
    if secret:
        arguments += ["--client-secret", secret]
    return LocalPool(stack, pool_id, client_id, arguments, **({"client_secret": secret} if secret else {}))


def of_file(stack, pool_id, client_id, settings, users, tables="", **description):
    """A pool of second factors. `tables` is more TOML."""
    lines = [f"{key} = {toml(value)}" for key, value in {"pool_id": pool_id, **settings}.items()]
    lines += [ACCESS_KEYS, tables]
    lines += ["[[client]]", f"id = {toml(client_id)}", f"flows = {toml(ALL_FLOWS)}"]
    for user in users:
        lines += ["[[user]]", *(f"{key} = {toml(value)}" for key, value in user.items())]
    return LocalPool(stack, pool_id, client_id, ["--config", written(stack, "\n".join(lines))], **description)


def written(stack, text):
    """Returns the name of a file that lives as long as the pools."""
    file = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".toml"))
    file.write(text)
    file.flush()
    return file.name


def toml(value):
    """JSON's texts, numbers, truth values and lists are TOML's too."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(member)}" for key, member in value.items()) + " }"
    return json.dumps(value)


def user(name, **more):
    return {"name": name, "password": PASSWORD, **more}


def person(name, **more):
    return {"username": name, "password": PASSWORD, **more}


def addresses(name, index):
    return {"email": f"{name}@example.com", "phone_number": f"+155501{index:02}"}


def app_secret():
    return base64.b32encode(os.urandom(20)).decode()


def factors(stack, count):
    """Users with each kind of second factor, and one without, who may begin with a code."""
    apps = [user(f"app{index}", mfa=["SOFTWARE_TOKEN_MFA"], totp_secret=app_secret()) for index in range(count + 1)]
    others = [
        user("sam", attributes=addresses("sam", 1), mfa=["SMS_MFA"]),
        user("emma", attributes=addresses("emma", 2), mfa=["EMAIL_OTP"]),
        user(
            "chloe",
            attributes=addresses("chloe", 3),
            mfa=["SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"],
            totp_secret=app_secret(),
        ),
        user("olga", attributes=addresses("olga", 4)),
    ]
    settings = {"mfa": "optional", "refresh_rotation_grace_seconds": 10}
    roles = {"user": "olga", "sms": "sam", "email": "emma", "choice": "chloe"}
    return of_file(
        stack,
        "us-east-1_InteropFive",
        "interopfactors",
        settings,
        [*apps, *others],
        "[passkeys]",
        apps=[person(app["name"], totp_secret=app["totp_secret"]) for app in apps],
        **{role: person(name) for role, name in roles.items()},
    )


def setup(stack, count):
    """Users who must set up an app when they sign in first."""
    names = [f"new{index}" for index in range(max(1, count // 10))]
    users, people = [user(name) for name in names], [person(name) for name in names]
    return of_file(stack, "us-east-1_InteropSix", "interopsetup", {"mfa": "on"}, users, new=people)


def custom(stack):
    """Functions decide about custom challenges."""
    settings = {"triggers": stack.enter_context(triggers.serving())}
    description = {"user": person("olga"), "custom_answer": common.CUSTOM_ANSWER}
    return of_file(stack, "us-east-1_InteropSeven", "interopcustom", settings, [user("olga")], **description)


def main(count):
    with contextlib.ExitStack() as stack:
        # All start at once, and then each is waited for.
        started = {
            "plain": of_flags(stack, "us-east-1_InteropOne", "interopplain"),
            "secret": of_flags(stack, "us-east-1_InteropTwo", "interopsecret", secret=SECRET),
            # Devices get rare numbers, too: `row` and `rare` have no second proof.
            "devices": of_flags(stack, "us-east-1_InteropThree", "interopdevices", "--devices", "--rare"),
            "rare": of_flags(stack, "us-east-1_InteropFour", "interoprare", "--rare"),
            "factors": factors(stack, count),
            "setup": setup(stack, count),
            "custom": custom(stack),
        }
        pools = {kind: pool.pool() for kind, pool in started.items()}
        # Kinds that other servers do not have.
        common.announce({**pools, "user_auth": pools["plain"], "signed": pools["plain"], "passkeys": pools["factors"]})


main(int(sys.argv[1]))
