"""Deletes a stack, but for what it keeps: python deploy/delete.py STACK [--leave-messages]. Both queues and the secrets stay,
because a queue that is deleted takes its messages along in silence. A queue that still holds messages stops it, since
nobody would work through them afterwards; --leave-messages goes on all the same."""

import sys

import boto3


def held(queue_url):
    """Messages in a queue, those in work or held included."""
    attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
    return sum(int(attributes[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "NotVisible", "Delayed"))


def kept(stack):
    """What stays behind: the stack's resources that are retained, by their id at AWS."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    resources = [r for page in pages for r in page["StackResourceSummaries"]]
    return [r["PhysicalResourceId"] for r in resources if r["ResourceType"] in ("AWS::SQS::Queue", "AWS::SecretsManager::Secret")]


def main(stack, *options):
    description, = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in description["Outputs"]}
    counts = {output: held(outputs[output]) for output in ("MarksQueueUrl", "DeadLetterQueueUrl")}
    for output, count in counts.items():
        print(f"{count} messages in {outputs[output]}")
    if any(counts.values()) and "--leave-messages" not in options:
        sys.exit("Not deleted: let the queue drain and clear the dead letters first (go run ./ops dead list), "
                 "or leave the messages where they are with --leave-messages.")
    left = kept(stack)
    cloudformation = boto3.client("cloudformation")
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 5})
    print("Kept, to be deleted by hand when nobody needs them any more (messages go by themselves after 14 days):", *left, sep="\n  ")


if __name__ == "__main__":
    main(*sys.argv[1:])
