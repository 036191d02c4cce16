#!/usr/bin/env python3
"""Checks request bodies against the service's model, with botocore's own validator and serialiser.

    check_golden.py FILE …

Each file holds one `{"operation": …, "body": {…}}`, or a list of them, or an object with such a list under `cases`. A body must
pass the validation that botocore does before it sends, and botocore's own serialiser must produce the same body from it, up to
the order of keys.
"""

import json
import os
import sys

import botocore.session
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator


# The model contradicts itself here: its documentation of ChallengeName names the value, its enumeration does not have it.
DOCUMENTED_ONLY = {"EMAIL_MFA"}


def main():
    model = botocore.session.get_session().get_service_model("cognito-idp")
    checked, failures = 0, []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            for number, case in enumerate(cases(json.load(file)), 1):
                checked += 1
                failures += [f"{os.path.basename(path)}, case {number}: {error}" for error in errors(model, case)]
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"{checked - len(failures)} passed, {len(failures)} failed")
    return 1 if failures or not checked else 0


def cases(document):
    if isinstance(document, dict):
        document = document.get("cases", [document])
    return document


def errors(model, case):
    """What is wrong with one body: at most one thing, the first that botocore would stumble over."""
    if case["operation"] not in model.operation_names:
        return [f"the service has no operation {case['operation']}"]
    operation = model.operation_model(case["operation"])
    report = ParamValidator().validate(case["body"], operation.input_shape)
    if report.has_errors():
        return [report.generate_report()]
    # botocore checks types, required members and lengths' lower bounds, but neither patterns nor upper bounds.
    limits = list(beyond_limits(case["body"], operation.input_shape, case["operation"]))
    if limits:
        return limits[:1]
    request = create_serializer(model.metadata["protocol"], False).serialize_to_request(case["body"], operation)
    if json.loads(request["body"]) != case["body"]:
        return [f"botocore would send {request['body'].decode()}"]
    target = f"{model.metadata['targetPrefix']}.{case['operation']}"
    if request["headers"].get("X-Amz-Target") != target:
        return [f"botocore would send it to {request['headers'].get('X-Amz-Target')}"]
    return []


def beyond_limits(value, shape, path):
    """Walks a body beside its shape, and names every string that is too long or not among the values of its enumeration."""
    if shape.type_name == "structure":
        for name, member in value.items():
            yield from beyond_limits(member, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "map":
        for name, member in value.items():
            yield from beyond_limits(member, shape.value, f"{path}.{name}")
    elif shape.type_name == "list":
        for index, member in enumerate(value):
            yield from beyond_limits(member, shape.member, f"{path}[{index}]")
    elif shape.type_name == "string":
        longest = shape.metadata.get("max")
        if longest is not None and len(value) > longest:
            yield f"{path} has {len(value)} characters; the model allows {longest}"
        if shape.enum and value not in shape.enum and value not in DOCUMENTED_ONLY:
            yield f"{path} is {value!r}; the model has {', '.join(shape.enum)}"


if __name__ == "__main__":
    sys.exit(main())
