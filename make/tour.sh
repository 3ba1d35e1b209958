#!/usr/bin/env bash
# usage: make/tour.sh FILE
# Runs the ```sh blocks of a document, one after another in one bash, against a running demo shop.
# Compares what each block prints with the ```text block after it. There, … matches any text within a
# line, and any lines if it is alone on a line. Blocks of other kinds, such as ```console, are not run.
# SOUK_ADDRESS is the address of the shop, SOUK_HOME its folder for make/souk.sh.
set -euo pipefail

file=$(realpath "${1:?usage: make/tour.sh FILE}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
written=http://127.0.0.1:8080
address=${SOUK_ADDRESS:-$written}
# make/souk.sh accepts settings only.
unset SOUK_ADDRESS

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# extract: N.sh and N.text for the Nth block.
extract() {
    awk -v folder="$folder" '
        target && /^```/      { close(target); target = ""; next }
        target                { print > target }
        /^```sh$/             { target = folder "/" ++number ".sh"; printf "" > target }
        /^```text$/ && number { target = folder "/" number ".text"; printf "" > target }
    ' "$file"
}

# session COUNT: the blocks in one script; what each prints goes to N.out.
session() {
    local number
    echo 'set -eu'
    for ((number = 1; number <= $1; number++)); do
        printf 'exec >%q 2>&1\n' "$folder/$number.out"
        sed "s,$written,$address,g" "$folder/$number.sh"
    done
}

# fits LINE WRITTEN
fits() {
    local pattern=${2//\\/\\\\}
    pattern=${pattern//\*/\\*} pattern=${pattern//\?/\\?} pattern=${pattern//\[/\\[}
    # shellcheck disable=SC2053  # it is a pattern
    [[ $1 == ${pattern//…/*} ]]
}

# check NUMBER: whether the block printed what is written below it.
check() {
    local printed written place=0 line
    mapfile -t printed < <(tr -d '\r' <"$folder/$1.out")
    mapfile -t written <"$folder/$1.text"
    for ((line = 0; line < ${#written[@]}; line++)); do
        if [[ ${written[line]} == … ]]; then
            ((line + 1 < ${#written[@]})) || return 0
            while ((place < ${#printed[@]})) && ! fits "${printed[place]}" "${written[line + 1]}"; do
                place=$((place + 1))
            done
        elif ((place < ${#printed[@]})) && fits "${printed[place]}" "${written[line]}"; then
            place=$((place + 1))
        else
            differ "$1" "${written[line]}" "${printed[place]-}"
            return 1
        fi
    done
    if ((place < ${#printed[@]})); then
        differ "$1" "" "${printed[place]}"
        return 1
    fi
}

# differ NUMBER WRITTEN PRINTED
differ() {
    printf 'tour: block %s of %s prints something else:\n%s\n' "$1" "$file" "$(<"$folder/$1.sh")"
    printf '  written: %s\n  printed: %s\n' "${2:-nothing more}" "${3:-nothing more}"
} >&2

extract
count=0
while [[ -e $folder/$((count + 1)).sh ]]; do
    count=$((count + 1))
    [[ -e $folder/$count.text ]] || : >"$folder/$count.text"
done
((count)) || { echo "tour: $file has no sh blocks" >&2 && exit 1; }

status=0
bash <(session "$count") </dev/null || status=$?
for ((number = 1; number <= count; number++)); do
    if [[ ! -e $folder/$number.out ]]; then
        echo "tour: the block before ended with status $status" >&2
        exit 1
    fi
    check "$number" && continue
    if ((status)); then echo "tour: the session ended with status $status" >&2; fi
    exit 1
done
if ((status)); then
    echo "tour: the last block ended with status $status" >&2
    exit 1
fi
echo "tour: $count blocks of $file printed what the document says"
