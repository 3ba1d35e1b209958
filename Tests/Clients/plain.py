#!/usr/bin/env python3
"""usage: plain.py openapi.json

Prints it without references to parameters, responses and headers, which apiwright does not follow.
"""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    description = json.load(file)


def plain(node):
    if isinstance(node, list):
        return [plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref", "")
    if not reference.startswith(("#/components/parameters/", "#/components/responses/", "#/components/headers/")):
        return {name: plain(item) for name, item in node.items()}
    _, _, group, name = reference.split("/")
    beside = {name: item for name, item in node.items() if name != "$ref"}
    return plain({**description["components"][group][name], **beside})


json.dump(plain(description), sys.stdout)
