#!/usr/bin/env python3
"""usage: examples.py openapi.json

Checks that every operation has texts and keywords, and that every request and every JSON response has an example. Each
example and each default must be valid for its schema. No scalar may use allOf, oneOf or const, which code generators reject.
"""

import json
import sys

import jsonschema_rs

with open(sys.argv[1], encoding="utf-8") as file:
    description = json.load(file)
METHODS = ("get", "post", "put", "patch", "delete")
faults = []


def resolve(node):
    while "$ref" in node:
        beside = {name: item for name, item in node.items() if name != "$ref"}
        target = description
        for key in node["$ref"].split("/")[1:]:
            target = target[key]
        node = {**target, **beside}
    return node


def validate(value, schema, place):
    checked = {**schema, "components": description["components"]}
    for error in jsonschema_rs.Draft202012Validator(checked, validate_formats=True).iter_errors(value):
        faults.append(f"{place}: {error.message}")


def check_schema(node, place):
    """The example and the default of a schema and of those within it."""
    for example in node.get("examples", []):
        validate(example, node, f"{place}.examples")
    if "default" in node:
        validate(node["default"], node, f"{place}.default")
    if "const" in node or "allOf" in node:
        faults.append(f"{place}: const or allOf; use type and enum, or a plain $ref")
    if len(node.get("oneOf", [])) > 2:
        faults.append(f"{place}: oneOf is only for a $ref or null")
    for name, member in node.get("properties", {}).items():
        check_schema(member, f"{place}.{name}")
    if "items" in node:
        check_schema(node["items"], f"{place}[]")


def is_shown(schema):
    """Whether an example of a value can be put together."""
    schema = resolve(schema)
    if schema.get("examples"):
        return True
    if schema.get("type") == "array" or "items" in schema:
        return is_shown(schema["items"])
    if "properties" in schema:
        return all(is_shown(member) for member in schema["properties"].values() if "properties" in resolve(member) or "items" in resolve(member))
    return True


def check_problem(content, status, place):
    """The example of an error: valid, and of a status and a code that go together."""
    example = content.get("example", {})
    validate(example, content["schema"], place)
    meaning = codes.get(example.get("code"), "")
    if f"{example.get('status')}: " not in meaning or str(example["status"])[0] != status[0] or (status[1:] not in ("XX", str(example["status"])[1:])):
        faults.append(f"{place}: the example is of another status or code")


codes = description["components"]["schemas"]["Code"]["x-codes"]
for name, schema in description["components"]["schemas"].items():
    check_schema(schema, name)
for path, item in description["paths"].items():
    for method in METHODS:
        operation = item.get(method)
        if operation is None:
            continue
        name = operation["operationId"]
        for text in ("summary", "description", "x-keywords", "x-least-role"):
            if not operation.get(text):
                faults.append(f"{name} has no {text}")
        for parameter in map(resolve, item.get("parameters", []) + operation.get("parameters", [])):
            for example in [parameter["example"]] if "example" in parameter else []:
                validate(example, parameter["schema"], f"{name} {parameter['name']}")
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if body is not None and not resolve(body).get("examples"):
            faults.append(f"{name}: the request has no example")
        for status, response in operation["responses"].items():
            problem = resolve(response).get("content", {}).get("application/problem+json")
            if problem is not None:
                check_problem(problem, status, f"{name} {status}")
            answer = resolve(response).get("content", {}).get("application/json", {}).get("schema")
            if answer is not None and not is_shown(answer):
                faults.append(f"{name} {status}: the answer has no example")
if faults:
    sys.exit("\n".join(faults))
print("every example is valid")
