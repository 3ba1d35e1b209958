#!/usr/bin/env python3
"""Writes Sources/CommonPasswords/common-passwords.txt from two published lists.

Run it from the top of the project; it needs pip and its access to PyPI. The lists are those of
Django 3.2 (20,000 by Royce Williams; BSD-3-Clause, (c) Django Software Foundation) and of zxcvbn
4.5.0 (the first 10,000 of `passwords`; MIT, (c) 2012-2016 Dan Wheeler and Dropbox, Inc.,
(c) 2016 Daniel Wolf).

Registration refuses passwords under 8 bytes anyway, so the file leaves them out. For each other
password it has a line with the first six characters of the BLAKE2b-256 hash in base64url, sorted.
"""

import base64
import gzip
import hashlib
import io
import pathlib
import re
import subprocess
import tempfile
import zipfile

PACKAGES = ["django==3.2.19", "zxcvbn==4.5.0"]
TARGET = pathlib.Path("Sources/CommonPasswords/common-passwords.txt")


def read(wheels, package, name):
    """The bytes of the member of a wheel whose path ends in `name`."""
    [wheel] = wheels.glob(f"{package}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [member] = [path for path in archive.namelist() if path.endswith(name)]
        return archive.read(member)


def passwords():
    with tempfile.TemporaryDirectory() as folder:
        command = ["pip", "download", "--quiet", "--no-deps", "--dest", folder]
        subprocess.run(command + PACKAGES, check=True)
        wheels = pathlib.Path(folder)
        django = gzip.open(io.BytesIO(read(wheels, "Django", "common-passwords.txt.gz")), "rt")
        yield from (line.strip() for line in django)
        source = read(wheels, "zxcvbn", "frequency_lists.py").decode()
        words = re.search(r'"passwords":\s*"([^"]*)"', source)[1]
        yield from words.split(",")[:10_000]


def key(password):
    digest = hashlib.blake2b(password.lower().encode(), digest_size=32).digest()
    return base64.urlsafe_b64encode(digest).decode()[:6]


TARGET.write_text("".join(
    f"{line}\n" for line in sorted({key(word) for word in passwords() if len(word.encode()) >= 8})
))
