"""usage: messages.py FOLDER ADDRESS

Prints the messages to ADDRESS in FOLDER's .eml files as a JSON list, the oldest first.
"""

import email.policy
import email.utils
import json
import pathlib
import sys

found = []
for path in pathlib.Path(sys.argv[1]).glob("*.eml"):
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if message["To"].addresses[0].addr_spec != sys.argv[2]:
        continue
    assert not message.defects, message.defects
    parts = {part.get_content_type(): part.get_content().replace("\r\n", "\n") for part in message.iter_parts()}
    # Souk's Message-ID contains the number of the job.
    job = int(message["Message-ID"].split("-")[1])
    found.append((job, {"subject": message["Subject"], "text": parts["text/plain"], "html": parts["text/html"]}))
print(json.dumps([message for _, message in sorted(found, key=lambda pair: pair[0])]))
