"""The released package, installed on MiniStack in two lines by somebody who has neither Go nor Python nor a clone, and what
install.sh does where something is missing, wrong or in the way."""

import functools
import json
import os
import re
import shutil
import subprocess

import botocore.exceptions
import pytest
from deployed import Deployed
from emulator import REGION, ROOT, until
from installer import VERSION, Shell, bare_path, warm_path

STACK = "installed"


@pytest.fixture(scope="module")
def path(world, tmp_path_factory):
    return warm_path(tmp_path_factory.mktemp("bare") / "bin", world.processes)


@pytest.fixture
def shell(world, path, release, tmp_path):
    """A shell in a folder with a space in its name, with the package in it."""
    shell = Shell(world, path, tmp_path / "my files")
    shell.run(f"unzip -q '{release.archive}'")
    return shell


@pytest.fixture(scope="module")
def stack(world, bootstraps):
    stack = Deployed(world, None, bootstraps, STACK)
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def stacks(world):
    return world.client("cloudformation")


def status(stacks, name):
    try:
        return stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except botocore.exceptions.ClientError:
        return None


def parameters(stacks, name=STACK):
    return {p["ParameterKey"]: p["ParameterValue"] for p in stacks.describe_stacks(StackName=name)["Stacks"][0]["Parameters"]}


def buckets(world):
    return [b["Name"] for b in world.client("s3").list_buckets()["Buckets"] if b["Name"].startswith("helpcrunch-mark-read-")]


def two_lines(release):
    """README.md's two lines, with this release's address and version."""
    begin = (ROOT / "README.md").read_text().partition("curl -fsSLO ")
    assert begin[1], "README.md has no line that begins with curl -fsSLO"
    lines = (begin[1] + begin[2]).partition("```")[0]
    address, version = re.search(r"(https://github.com/\S+/releases/download/v(\d+\.\d+\.\d+))/", lines).groups()
    return lines.replace(address, release.url).replace(version, VERSION)


# --- What is missing or wrong ---

@pytest.mark.parametrize("variables, sentence", [
    ({"AWS_REGION": None}, "no AWS region is set: use --region or AWS_REGION"),
    ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "there are no AWS credentials; set AWS_PROFILE, or sign in (for example with aws sso login)"),
    ({"AWS_PROFILE": "nobody"}, "there is no AWS profile of that name; check AWS_PROFILE"),
    ({"AWS_ACCESS_KEY_ID": "AKIAUNKNOWN"}, "AWS does not know these credentials"),
    ({"AWS_ENDPOINT_URL": "https://localhost:9"}, f"AWS can't be reached in the region {REGION}; check AWS_REGION and the network"),
    ({"PATH": "NO AWS CLI"}, "the AWS CLI is missing"),
])
def test_what_is_missing_is_named(shell, path, tmp_path, variables, sentence):
    if "PATH" in variables:
        without = shutil.copytree(path, tmp_path / "without", symlinks=True)
        (without / "aws").unlink()
        variables = {"PATH": str(without)}
    printed = shell.run("./install.sh --yes", code=1, **variables)
    assert sentence in printed and printed.count("\n") == 1


@pytest.mark.parametrize("options, sentence", [
    ("", "there is no terminal to ask on: --yes makes the changes without asking"),
    ("--purge", "there is no option --purge"),
    ("--region", "--region needs a value"),
    ("--yes --set retry=1", "--set takes Name=value"),
    ("--yes --stack-name 1st", "a stack's name has letters, digits and hyphens, and begins with a letter"),
    ("--yes --region eu_central", "eu_central is not the name of an AWS region"),
])
def test_wrong_usage(shell, options, sentence):
    assert sentence in shell.run(f"./install.sh {options}", code=2)


def test_permissions_that_are_missing_are_named(world, shell):
    access, secret = world.credentials_with("nobody", inline=[{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": "*"}]}])
    printed = shell.run("./install.sh --yes", code=1, AWS_ACCESS_KEY_ID=access, AWS_SECRET_ACCESS_KEY=secret)
    assert "these credentials may not do that (cloudformation describe-stacks)" in printed and "nobody" in printed


def test_a_key_in_the_place_of_its_secret_is_refused_and_not_repeated(shell, stacks):
    printed = shell.run("./install.sh --yes --stack-name mistaken", code=1, HELPCRUNCH_SECRET_ID="the-key-itself")
    assert "Its name or ARN is wanted, never the key" in printed and "the-key-itself" not in printed
    assert status(stacks, "mistaken") is None


def test_a_tampered_package_is_refused_and_nothing_of_it_runs(world, path, release, tmp_path):
    whole = release.archive.read_bytes()
    release.archive.write_bytes(whole[:-1] + b"!")
    try:
        shell = Shell(world, path, tmp_path / "my files")
        printed = shell.run(two_lines(release), code=1)
    finally:
        release.archive.write_bytes(whole)
    assert "This zip is not the file that was published: nothing was run." in printed
    assert not list(shell.home.glob("**/install.sh"))


# --- One stack's life ---

def test_the_bucket_passes_over_a_name_that_another_account_took(world, shell, stacks):
    """A declined first installation leaves nothing but the bucket."""
    name = f"helpcrunch-mark-read-000000000000-{REGION}"
    world.client("s3", ("111111111111", "test")).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    printed = shell.run(f"./install.sh --stack-name {STACK}", answers=["", "", "n"], code=1)
    assert f"The bucket name {name} belongs to another AWS account" in printed and "declined: nothing was changed" in printed
    assert status(stacks, STACK) is None
    assert buckets(world) == [name + "-2"]


def test_the_bucket_is_private_encrypted_and_for_tls_only(world):
    s3, (name,) = world.client("s3"), buckets(world)
    assert set(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()) == {True}
    rule, = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    statement, = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_a_parameter_that_the_template_refuses_is_named(shell, stacks):
    assert "AlarmEmail" in shell.run("./install.sh --yes --stack-name refused", code=1, ALARM_EMAIL="on-call")
    assert status(stacks, "refused") is None


@pytest.mark.parametrize("left", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_what_a_first_deployment_left_can_be_deleted(shell, stacks, left):
    template = json.dumps({"Resources": {"Broken": {"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": "nowhere"}}}})
    if left == "REVIEW_IN_PROGRESS":
        stacks.create_change_set(StackName="left", ChangeSetName="declined", ChangeSetType="CREATE", TemplateBody=template)
    else:
        stacks.create_stack(StackName="left", TemplateBody=template)
    until(lambda: status(stacks, "left") == left, left)
    assert "Deleted left." in shell.run("./install.sh --yes --delete --stack-name left")
    assert status(stacks, "left") is None


def broken(shell):
    """Makes the package's deployment fail: in the nested stack, a log stream in a log group that does not exist."""
    template = shell.home / "monitoring.yaml"
    stream = "  Broken: {Type: AWS::Logs::LogStream, Properties: {LogGroupName: nowhere}}"
    template.write_text(template.read_text().replace("\nResources:\n", f"\nResources:\n{stream}\n"))


def test_two_lines_install_it_after_a_first_deployment_that_failed(world, release, shell, stack, stacks, tmp_path):
    broken(shell)
    printed = shell.run(f"./install.sh --yes --stack-name {STACK} --alarm-email on-call@example.com --set HelpCrunchBaseUrl={world.helpcrunch}/v1", code=1)
    assert "Monitoring: " in printed and "nowhere" in printed and "the deployment failed, for the reasons above; run this again when the cause is fixed" in printed
    other = Shell(world, bare_path(tmp_path / "bin"), tmp_path / "other files")
    printed = other.run(two_lines(release).rstrip() + f" --stack-name {STACK}", answers=["y", "y"])
    assert f"{STACK} is in ROLLBACK_COMPLETE" in printed and f"ops key set --stack {STACK}" in printed
    assert parameters(stacks)["AlarmEmail"] == "on-call@example.com", "what was answered is not asked again"
    stack.read()
    stack.start()
    assert stack.outputs["HttpApiUrl"] in printed


def test_marks_go_through_both_functions(world, stack):
    stack.fill("HelpCrunchSecretId", world.key)
    caller = world.credentials_with("caller-of-the-installed", managed=[stack.outputs["CallerPolicyArn"]])
    wanted = {reader: not stack.chat(5208)[f"readBy{reader}"] for reader in ("Agent", "Customer")}
    assert stack.put("Agent", {"id": 5208, "read": wanted["Agent"]}, caller)[0] == 200
    stack.send({"id": 5208, "reader": "customer", "read": wanted["Customer"]})
    until(lambda: all(stack.chat(5208)[f"readBy{reader}"] == read for reader, read in wanted.items()), "the marks at HelpCrunch")


def test_again_it_changes_nothing_and_asks_nothing(shell, stack):
    printed = shell.run(f"./install.sh --stack-name {STACK}", answers=[])
    assert "there is nothing to change" in printed and "?" not in printed and "Uploaded" not in printed


def test_an_update_shows_its_changes_and_keeps_the_other_parameters(shell, stack, stacks):
    printed = shell.run(f"./install.sh --stack-name {STACK} --set 'ProducerSourceArns=arn:aws:sns:eu-central-1:123456789012:a,arn:aws:sns:eu-central-1:123456789012:b'", answers=["n"], code=1)
    assert "Modify  MarksQueuePolicy" in printed and "declined" in printed
    assert parameters(stacks)["ProducerSourceArns"] == ""
    assert not stacks.list_change_sets(StackName=STACK)["Summaries"] or status(stacks, STACK) == "CREATE_COMPLETE"
    shell.run(f"./install.sh --yes --stack-name {STACK} --set RetryWindow=48h --tag 'team=a \"b\"'")
    assert (parameters(stacks)["RetryWindow"], parameters(stacks)["AlarmEmail"]) == ("48h", "on-call@example.com")
    assert stacks.describe_stacks(StackName=STACK)["Stacks"][0]["Tags"] == [{"Key": "team", "Value": 'a "b"'}]


def test_going_back_to_a_version_with_fewer_parameters(shell, stacks):
    """An older package: without a parameter that the stack has a value of."""
    template, lines, skipping = shell.home / "template.yaml", [], False
    for line in template.read_text().replace("!Ref RetryWindow", "24h").replace(", RetryWindow", "").splitlines():
        skipping = line.startswith("  RetryWindow:") or skipping and line.startswith("    ")
        lines += [] if skipping else [line]
    template.write_text("\n".join(lines))
    shell.run(f"./install.sh --yes --stack-name {STACK}")
    assert "RetryWindow" not in parameters(stacks) and parameters(stacks)["AlarmEmail"] == "on-call@example.com"


def test_deleting_stops_at_messages_and_keeps_queues_secret_and_what_others_use(world, shell, stack, stacks):
    stack.sqs.send_message(QueueUrl=stack.outputs["DeadLetterQueueUrl"], MessageBody="a mark", MessageGroupId="1", MessageDeduplicationId="1")
    assert "not deleted: let the queue drain" in shell.run(f"./install.sh --yes --delete --stack-name {STACK}", code=1)
    assert "declined" in shell.run(f"./install.sh --delete --leave-messages --stack-name {STACK}", answers=["n"], code=1)
    assert status(stacks, STACK) == "UPDATE_COMPLETE"
    bucket, = buckets(world)
    world.client("s3").put_object(Bucket=bucket, Key="another-stack/code.zip", Body=b"")
    printed = shell.run(f"./install.sh --yes --delete --leave-messages --stack-name {STACK}")
    assert status(stacks, STACK) is None
    for kept in (stack.outputs["MarksQueueUrl"], stack.outputs["DeadLetterQueueUrl"], f"the bucket {bucket}"):
        assert kept in printed
    assert stack.dead_letters() == 1 and stack.secrets.get_secret_value(SecretId=stack.outputs["HelpCrunchSecretId"])["SecretString"] == world.key
    world.client("s3").delete_object(Bucket=bucket, Key="another-stack/code.zip")
    assert "There is no stack" in shell.run(f"./install.sh --yes --delete --stack-name {STACK}")
    shell.run("./install.sh --yes --delete --stack-name refused")  # which was never made, but its code is there
    assert buckets(world) == []


def test_installed_twice_at_once_beside_what_an_earlier_stack_left(world, shell, stack, stacks):
    """One of two installs it, and the other too, or says that it was overtaken. The earlier secret is offered, and taken."""
    old = stack.outputs
    secret = old["HelpCrunchSecretId"].split(":")[-1].rsplit("-", 1)[0]
    first = shell.start(f"./install.sh --yes --stack-name {STACK}", HELPCRUNCH_SECRET_ID=secret)
    printed = shell.run(f"./install.sh --stack-name {STACK}", answers=["", secret, "n"], code=1)
    assert f"An earlier {STACK} left this secret: {secret}" in printed
    printed = first.communicate(timeout=600)[0]
    assert first.returncode == 0, printed
    stack.read()
    assert stack.outputs["MarksQueueUrl"] != old["MarksQueueUrl"] and stack.outputs["HelpCrunchSecretId"] == secret
    runs = [shell.start(f"./install.sh --yes --stack-name {STACK} --set RequestsPerMinute={n}") for n in (50, 60)]
    for run in runs:
        printed = run.communicate(timeout=600)[0]
        assert run.returncode == 0 or "another run is changing" in printed, printed
    assert 0 in [run.returncode for run in runs] and status(stacks, STACK) == "UPDATE_COMPLETE"
    shell.run(f"./install.sh --yes --delete --stack-name {STACK}")


# --- From a clone ---

def test_make_deploy_takes_over_what_sam_deployed_and_make_delete_deletes_it(world, path, built, release, stacks, tmp_path):
    """By somebody who has the deployer's permissions and no others. `make package` is not run: `make release` has done it."""
    world.sam("deploy", "--template-file", str(built / "template.yaml"), "--config-file", str(ROOT / "samconfig.toml"), "--config-env", "staging",
              "--no-progressbar", "--parameter-overrides", "AlarmEmail=on-call@example.com")
    name, package = "helpcrunch-mark-read-staging", tmp_path / "my package"
    shutil.unpack_archive(release.archive, package)
    (package / "install.sh").chmod(0o755)
    access, secret = world.credentials_with("deployer", inline=[json.loads((ROOT / "deploy/deployer-policy.json").read_text())])
    variables = {"PATH": f"{path}:{os.environ['PATH']}", "INSTALL_PAUSE": "0.3", "AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}
    make = functools.partial(world.run, "make", f"PACKAGE={package}", "ENV=staging", f"STACK={name}", **variables)
    assert f"{name} is installed in {REGION}" in make("deploy", "PARAMETERS=RetryWindow=48h RequestsPerMinute=60")
    taken = parameters(stacks, name)
    assert (taken["AlarmEmail"], taken["RetryWindow"], taken["RequestsPerMinute"]) == ("on-call@example.com", "48h", "60")
    assert stacks.describe_stacks(StackName=name)["Stacks"][0]["Tags"] == [{"Key": "environment", "Value": "staging"}]
    assert "there is nothing to change" in make("deploy")
    assert f"Deleted {name}." in make("delete", "OPTIONS=--yes")


def test_make_deploy_looks_for_region_and_credentials_before_it_builds(path, tmp_path):
    variables = {"PATH": f"{path}:{os.environ['PATH']}", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    result = subprocess.run(["make", "deploy"], cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, text=True, capture_output=True)
    assert "no AWS region is set: use --region or AWS_REGION" in result.stderr and "go run" not in result.stdout


def test_a_publisher_puts_the_package_where_anybody_can_launch_it(world, path, release):
    s3 = world.client("s3")
    s3.create_bucket(Bucket=f"published-{REGION}", CreateBucketConfiguration={"LocationConstraint": REGION})
    printed = world.run("deploy/publish.sh", "region", str(release.folder), PUBLISHER_BUCKET="published", PATH=f"{path}:{os.environ['PATH']}")
    bucket, key = printed.strip().rpartition("templateURL=https://")[2].split("/", 2)[1:]
    template = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    places = re.findall(r"helpcrunch-mark-read/[0-9a-f]{64}\.(?:zip|yaml)", template)
    assert len(places) == 3 and "INSTALL_" not in template
    for place in places:
        s3.head_object(Bucket=bucket, Key=place)
