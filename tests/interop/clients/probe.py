"""Asks a server whether it looks at proofs at all: a well-formed claim with a wrong signature, through both pairs of calls.

A server that signs in with it proves nothing about a client, and the table says so.
"""

import base64
import datetime
import json
import secrets
import sys

from pycognito_driver import client_of
from suite import report


class Probe:
    name = "a wrong proof"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    pool = config["pools"]["plain"]
    # moto has no USER_SRP_AUTH for administrators.
    both = [app_calls] if config["server"] == "moto" else [app_calls, admin_calls]
    accepted = [calls.__name__ for calls in both if signs_in(calls, pool)]
    if not accepted:
        report(Probe, "wrong", refused=len(both), note="NotAuthorizedException")
    elif config["server"] == "moto":
        report(Probe, "wrong", sign_ins=len(accepted), expected="moto signs in with any proof")
    else:
        report(Probe, "wrong", failures=1, note=f"signed in with a wrong proof: {', '.join(accepted)}")


def signs_in(calls, pool):
    idp = client_of(pool)
    try:
        return "AuthenticationResult" in calls(idp, pool)
    except idp.exceptions.NotAuthorizedException:
        return False


def app_calls(idp, pool):
    started = idp.initiate_auth(ClientId=pool["client_id"], AuthFlow="USER_SRP_AUTH", AuthParameters=start(pool))
    return idp.respond_to_auth_challenge(ClientId=pool["client_id"], **claim(started))


def admin_calls(idp, pool):
    names = {"UserPoolId": pool["pool_id"], "ClientId": pool["client_id"]}
    started = idp.admin_initiate_auth(AuthFlow="USER_SRP_AUTH", AuthParameters=start(pool), **names)
    return idp.admin_respond_to_auth_challenge(**names, **claim(started))


def start(pool):
    return {"USERNAME": pool["user"]["username"], "SRP_A": secrets.token_hex(383)}


def claim(started):
    challenge = started["ChallengeParameters"]
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "ChallengeName": started["ChallengeName"],
        "ChallengeResponses": {
            "USERNAME": challenge["USERNAME"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(secrets.token_bytes(32)).decode(),
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "TIMESTAMP": f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now.year}",
        },
        **({"Session": started["Session"]} if "Session" in started else {}),
    }


main()
