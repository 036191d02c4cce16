"""The checks that every Python client goes through. `suite.js` and `rust/src/lib.rs` hold the same ones.

A driver hands `run` an object with `name`, `sign_in` and what else its client can do; the suite calls it against the pools
that the configuration file names, and prints one JSON object a line, which `run` gathers into the table.
"""

import base64
import json
import sys


class Refused(Exception):
    """The server has refused, and the client has said so with an error of its own, whose name this carries."""


class NotOffered(Exception):
    """The client has no way to do this; the text says what is missing."""


def run(client):
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    for flow, pool_name, check in FLOWS:
        pool = config["pools"].get(pool_name)
        if pool is None:
            report(client, flow, skipped=f"the server offers no pool of the kind {pool_name!r}")
            continue
        try:
            report(client, flow, **check(client, pool, config["count"]))
        except NotOffered as missing:
            report(client, flow, skipped=str(missing))
        except Exception as error:  # a failure is a line of the table, and the other flows go on
            report(client, flow, failures=1, note=describe(error))


def report(client, flow, sign_ins=0, refused=0, failures=0, note="", expected="", skipped=""):
    print(
        json.dumps(
            {
                "client": client.name,
                "flow": flow,
                "sign_ins": sign_ins,
                "refused": refused,
                "failures": failures,
                "note": note,
                "expected": expected,
                "skipped": skipped,
            }
        ),
        flush=True,
    )


def describe(error):
    return f"{type(error).__name__}: {error}"


def right(client, pool, _count):
    signed_in(client.sign_in(pool, pool["user"]["username"], pool["user"]["password"]), pool["user"])
    return {"sign_ins": 1}


def wrong(client, pool, _count):
    # One character off, so that everything but the proof is as in a good sign-in.
    try:
        client.sign_in(pool, pool["user"]["username"], pool["user"]["password"] + "x")
    except Refused as refused:
        expect(str(refused) == "NotAuthorizedException", f"refused with {refused}")
        return {"refused": 1, "note": str(refused)}
    raise AssertionError("a wrong password has signed in")


def alias(client, pool, _count):
    user = pool["user"]
    # ministack checks SECRET_HASH against the name beside it, whichever that is; the local pool and the service do not.
    strict = pool.get("client_secret") and pool["server"] == "local_pool"
    reason = getattr(client, "alias_with_secret_is_refused", None) if strict else None
    if reason is None:
        signed_in(client.sign_in(pool, pool["alias"], user["password"]), user)
        return {"sign_ins": 1}
    try:
        client.sign_in(pool, pool["alias"], user["password"])
    except Refused as refused:
        return {"refused": 1, "expected": reason, "note": str(refused)}
    raise AssertionError(f"signed in, although {reason}")


def non_ascii(client, pool, _count):
    user = pool["non_ascii"]
    signed_in(client.sign_in(pool, user["username"], user["password"]), user)
    return {"sign_ins": 1}


def new_password(client, pool, _count):
    if not hasattr(client, "sign_in_with_new_password"):
        raise NotOffered("the client knows no NEW_PASSWORD_REQUIRED")
    user = pool["forced"]
    signed_in(client.sign_in_with_new_password(pool, user["username"], user["password"], user["new_password"]), user)
    # The new password must be what the server now holds.
    signed_in(client.sign_in(pool, user["username"], user["new_password"]), user)
    return {"sign_ins": 2}


def device(client, pool, count):
    if not hasattr(client, "sign_in_with_new_device"):
        raise NotOffered("the client knows no devices")
    # Each device has a salt and a verifier of its own, so a few devices show what one would hide.
    return in_a_row(
        max(1, count // 10), lambda: client.sign_in_with_new_device(pool, pool["user"]["username"], pool["user"]["password"])
    )


def row(client, pool, count):
    user = pool["user"]
    return in_a_row(count, lambda: signed_in(client.sign_in(pool, user["username"], user["password"]), user))


def rare(client, pool, count):
    # The pool draws what `row` may not meet: salts, and B or u, that begin with a zero byte which `enc` leaves out.
    return row(client, pool, max(1, count // 10))


def in_a_row(count, attempt):
    failures, note = 0, ""
    for _ in range(count):
        try:
            attempt()
        except NotOffered:
            raise
        except Exception as error:
            failures += 1
            note = describe(error)
    return {"sign_ins": count - failures, "failures": failures, "note": note}


def signed_in(access_token, user):
    """An access token names its user; a server that signs in somebody else is caught here."""
    header, payload, signature = access_token.split(".")
    expect(bool(header and signature), "the access token is not a signed JWT")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    expect(claims["username"] == user["username"], f"the access token is for {claims['username']}")


def expect(condition, otherwise):
    if not condition:
        raise AssertionError(otherwise)


FLOWS = [
    ("right", "plain", right),
    ("wrong", "plain", wrong),
    ("alias", "plain", alias),
    ("alias_secret", "secret", alias),
    ("non_ascii", "plain", non_ascii),
    ("new_password", "plain", new_password),
    ("device", "devices", device),
    ("row", "plain", row),
    ("rare", "rare", rare),
]
