"""The SRP-6a password proof of Amazon Cognito user pools: both messages, without IO.

    sign_in = UserSignIn(pool_id, client_id, username)
    response = client.initiate_auth(
        ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=sign_in.auth_parameters)
    responses = sign_in.answer(response["ChallengeParameters"], password)
    client.respond_to_auth_challenge(
        ClientId=client_id, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses)

`cognito_srp6a.pycognito` does the same under pycognito, and `cognito_srp6a.server` plays the pool in tests.
"""

from ._error import AlreadyAnsweredError, Error, NotAuthorizedError, ParameterError
from ._native import DeviceCredentials, DeviceSignIn, UserSignIn, secret_hash

__all__ = [
    "AlreadyAnsweredError",
    "DeviceCredentials",
    "DeviceSignIn",
    "Error",
    "NotAuthorizedError",
    "ParameterError",
    "UserSignIn",
    "secret_hash",
]
