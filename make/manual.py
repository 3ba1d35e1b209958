#!/usr/bin/env python3
"""usage: souk --experimental-dump-help | make/manual.py > souk.1

Writes souk(1) from the help texts of the command, so that the page cannot contradict --help.
"""
import json
import re
import sys

FOOTER = r""".SH FILES
.TP
.I /etc/souk/souk.env
The settings of an installed shop. A variable of the environment has precedence for
.BR souk .
.TP
.I /etc/souk/jwt.secret
The keys that sign access tokens.
.TP
.I /etc/souk/pgpass
The password of a PostgreSQL server.
.TP
.I /var/lib/souk/souk.db
The SQLite database of the shop.
.TP
.I /var/backups/souk
The nightly backups.
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1);
.I /usr/share/doc/souk/docs/operating/command.md
"""


def text(words):
    """Plain words as roff: `code` in bold, nothing else is special."""
    words = words.replace("\\", r"\e").replace("-", r"\-")
    words = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", words)
    return "\n".join(re.sub(r"^([.'])", r"\\&\1", line) for line in words.split("\n"))


def paragraphs(words):
    return "\n.PP\n".join(text(part) for part in words.split("\n\n"))


def shown(command):
    """The arguments that are this command's own: every one has --version and --help."""
    return [
        argument
        for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and argument.get("valueName") not in ("version", "help")
    ]


def name(argument):
    """How an argument is written: --role <role>, [--dry-run], <file> ..."""
    value = r"\fI" + text(argument["valueName"]) + r"\fR"
    if argument["kind"] == "positional":
        return value
    preferred = argument["preferredName"]
    dashes = "-" if preferred["kind"] == "short" else "--"
    option = r"\fB" + text(dashes + preferred["name"]) + r"\fR"
    return option if argument["kind"] == "flag" else option + " " + value


def synopsis(path, command):
    words = [r"\fB" + text(" ".join(path)) + r"\fR"]
    for argument in shown(command):
        word = name(argument) + (" ..." if argument["isRepeating"] else "")
        words.append("[" + word + "]" if argument["isOptional"] else word)
    return " ".join(words)


def leaves(path, command):
    """Every command that does something, with the words that call it."""
    children = [
        child
        for child in command.get("subcommands", [])
        if child["shouldDisplay"] and child["commandName"] != "help"
    ]
    for child in children:
        yield from leaves(path + [child["commandName"]], child)
    if not children:
        yield path, command


def section(path, command):
    yield ".SS " + synopsis(path, command)
    yield text(command["abstract"])
    if "discussion" in command:
        yield ".PP"
        yield paragraphs(command["discussion"])
    for argument in shown(command):
        yield ".TP"
        yield name(argument)
        words = argument.get("abstract", "")
        if "defaultValue" in argument:
            words += " (default: " + argument["defaultValue"] + ")"
        yield text(words.strip() or argument["valueName"])


def page(command, version):
    title = command["commandName"]
    yield '.TH {} 1 "" "Souk {}" "Souk"'.format(title.upper(), version)
    yield ".SH NAME"
    yield title + r" \- " + text(command["abstract"].rstrip("."))
    yield ".SH SYNOPSIS"
    yield r".B " + title
    yield r"\fIsubcommand\fR [\fIargument\fR ...]"
    yield ".SH DESCRIPTION"
    yield paragraphs(command["discussion"])
    yield ".SH SUBCOMMANDS"
    for path, leaf in leaves([title], command):
        yield from section(path, leaf)
    yield ".SH OPTIONS"
    yield ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nHelp, for the command or a subcommand."
    yield ".TP\n\\fB\\-\\-version\\fR\nThe version."
    yield FOOTER.rstrip()


print("\n".join(page(json.load(sys.stdin)["command"], sys.argv[1])))
