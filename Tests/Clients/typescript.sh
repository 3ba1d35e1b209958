#!/usr/bin/env bash
# usage: typescript.sh APIWRIGHT FOLDER ADDRESS PASSWORD
# Generates a TypeScript client of the demo shop at ADDRESS in FOLDER, checks its types and those of
# walk.ts, and runs walk.ts.
set -euo pipefail

apiwright=$1 folder=$2 address=$3 password=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

mkdir -p "$folder/client"
cd "$folder"
curl -sSf -o openapi.json "$address/docs/openapi.json"
python3 "$here/plain.py" openapi.json >plain.json
"$apiwright" typescript -i plain.json -o client >/dev/null
cd client
# TypeScript before 5.0 wants the names that the files will have.
find src -name '*.ts' -exec sed -i -E 's/(from "\.[^"]*)\.ts"/\1.js"/' {} +
cp "$here/walk.ts" .
tsc --strict --target es2022 --lib es2022,dom --module nodenext --moduleResolution nodenext --outDir out walk.ts
cp package.json out
node out/walk.js "$address" "$password"
