#!/usr/bin/env python3
"""Sends marks to the queue: one JSON object a line on standard input, such as {"id": 5208, "reader": "agent", "read": true},
with asOf where there is a bound.

    MARKS_QUEUE_URL=... python3 send_marks.py < marks.jsonl

It needs boto3 and AWS credentials with the policy that the stack's output ProducerPolicyArn names. The queue may be of
either kind.
"""

import json
import os
import sys
import time
import uuid

import boto3

BATCH = 10  # the most that SendMessageBatch takes
TRIES = 5


def main():
    queue = boto3.client("sqs")
    url = os.environ["MARKS_QUEUE_URL"]
    sent = 0
    for batch in batches(json.loads(line) for line in sys.stdin if line.strip()):
        send(queue, url, batch)
        sent += len(batch)
    print(f"sent: {sent}")


def batches(marks):
    """Yields lists of at most ten marks, no two of them for the same chat and reader.

    Entries of a batch can fail one by one, and one that is sent again would come after a newer mark of the same batch.
    """
    batch, flags = [], set()
    for mark in marks:
        flag = mark["id"], mark["reader"]
        if len(batch) == BATCH or flag in flags:
            yield batch
            batch, flags = [], set()
        batch.append(mark)
        flags.add(flag)
    if batch:
        yield batch


def send(queue, url, marks):
    entries = [entry(str(number), mark, url.endswith(".fifo")) for number, mark in enumerate(marks)]
    for attempt in range(TRIES):
        answer = queue.send_message_batch(QueueUrl=url, Entries=entries)
        # The call succeeds even where entries fail. These are sent again under the same deduplication ids.
        failed = {failure["Id"] for failure in answer.get("Failed", [])}
        entries = [e for e in entries if e["Id"] in failed]
        if not entries:
            return
        time.sleep(0.2 * 2**attempt)
    raise SystemExit(f"not sent: {[e['MessageBody'] for e in entries]}")


def entry(name, mark, fifo):
    made = {"Id": name, "MessageBody": json.dumps(mark)}
    if fifo:
        made["MessageGroupId"] = str(mark["id"])
        made["MessageDeduplicationId"] = str(uuid.uuid4())  # better, where there is one: the id of the event behind it
    return made


if __name__ == "__main__":
    main()
