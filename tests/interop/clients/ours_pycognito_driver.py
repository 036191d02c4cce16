"""Our package for Python under pycognito: its driver, after one import."""

import cognito_srp6a.pycognito  # noqa: F401
from pycognito_driver import Pycognito
from suite import run


class OursUnderPycognito(Pycognito):
    name = "ours, under pycognito"
    slow_proof = False


if __name__ == "__main__":
    run(OursUnderPycognito())
