#!/usr/bin/env bash
# usage: make/docs.sh FOLDER
# Creates the static files that nginx serves (nginx/server/pages.conf) in FOLDER, on a server /usr/share/souk:
# openapi.yaml and the API reference.
set -euo pipefail

folder=${1:?usage: make/docs.sh FOLDER}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

install -d "$folder/docs"
install -m 644 "$top/openapi.yaml" "$folder"
install -m 644 "$top"/nginx/docs/* "$folder/docs"

# Converts to JSON, because browsers cannot parse YAML. Dates in examples stay strings, as in responses.
/usr/bin/python3 - "$top/openapi.yaml" >"$folder/docs/openapi.json.new" <<'END'
import json, sys, yaml

class Plain(yaml.SafeLoader):
    pass

Plain.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != 'tag:yaml.org,2002:timestamp']
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}
with open(sys.argv[1], encoding='utf-8') as file:
    json.dump(yaml.load(file, Plain), sys.stdout, ensure_ascii=False, separators=(',', ':'))
END
chmod 644 "$folder/docs/openapi.json.new"
mv "$folder/docs/openapi.json.new" "$folder/docs/openapi.json"
