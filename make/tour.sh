#!/usr/bin/env bash
# usage: make/tour.sh README.md
# Runs the tour of a README against an open shop and checks that it prints what is written there.
# The shop is at SOUK_ADDRESS, or where the README says; it must be a new demo shop.
#
# The tour is the section "Five minutes with curl". Its ```sh blocks are run one after another in
# one bash. A ```text block is what the block before it prints, where … stands for anything within
# a line, and for any lines if it is alone on its own.
set -euo pipefail

file=${1:?usage: make/tour.sh README.md}
written=http://127.0.0.1:8080
address=${SOUK_ADDRESS:-$written}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# extract: N.sh and N.text for the Nth block.
extract() {
    awk -v folder="$folder" '
        /^## /                          { inside = $0 == "## Five minutes with curl" }
        inside && target && /^```/      { close(target); target = ""; next }
        inside && target                { print > target }
        inside && /^```sh$/             { target = folder "/" ++number ".sh"; printf "" > target }
        inside && /^```text$/ && number { target = folder "/" number ".text"; printf "" > target }
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
((count)) || { echo "tour: $file has no section \"Five minutes with curl\" with sh blocks" >&2 && exit 1; }

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
echo "tour: $count blocks of $file, each as written"
