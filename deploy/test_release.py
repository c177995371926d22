"""What is published, and the steps that publish it, as far as they go without GitHub."""

import os
import re
import stat
import subprocess
import zipfile

import pytest
import yaml
from installer import VERSION
from stack import ACCOUNT, ROOT, Stack

SHELL = [path for path in subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
         if path and (path == "Makefile" or (ROOT / path).is_file() and (ROOT / path).read_bytes()[:20].startswith((b"#!/usr/bin/env bash", b"# shellcheck")))]
NOT_ON_A_MAC = {
    "bash 4: reads lines into an array": r"\b(mapfile|readarray)\b",
    "bash 4: changes case": r"\$\{\w+(,,?|\^\^?)\}",
    "bash 4: has associative arrays": r"\b(declare|local|typeset) -\w*A",
    "bash 4.3: waits for any job": r"\bwait -n\b",
    "bash 4: redirects both": r"\|&|&>>",
    "bash 4.4: transforms parameters": r"\$\{\w+@\w\}",
    "bash 4.2: asks whether a variable is set": r"\[\[? -v ",
    "GNU sed edits in place without a suffix": r"\bsed\b[^|]* -i(?! ''|\.)",
    "GNU sed names extended expressions so": r"\bsed -r",
    "GNU date reads a date": r"\bdate (-d|--date)\b",
    "GNU readlink and realpath": r"\breadlink -f\b|\brealpath\b",
    "GNU grep knows Perl's expressions": r"\bgrep -\w*P",
    "GNU xargs splits at a delimiter": r"\bxargs\b[^|]* -d",
    "GNU stat formats": r"\bstat -c\b",
    "GNU sort knows versions": r"\bsort -V\b",
    "GNU head counts from the end": r"\bhead -(n|c) ?-",
    "GNU cp keeps parents": r"\bcp\b[^|]* --",
    "GNU cmp has long options": r"\bcmp --",
    "coreutils' timeout": r"(^|[;&|] *)timeout ",
}


def test_the_same_commit_makes_the_same_bytes_elsewhere(release, tmp_path):
    """In another folder, for a user with another umask and time zone. `make reproducible` compiles everything anew, too."""
    elsewhere = tmp_path / "another clone"
    files = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
            (elsewhere / name).write_bytes((ROOT / name).read_bytes())
            (elsewhere / name).chmod(0o700 if os.access(ROOT / name, os.X_OK) else 0o600)
    environment = {**os.environ, "VERSION": f"v{VERSION}", "DIST": str(tmp_path / "dist"), "PLATFORMS": "", "TZ": "Asia/Tokyo"}
    subprocess.run(["deploy/release.sh"], cwd=elsewhere, env=environment, check=True, capture_output=True, umask=0o077)
    assert (tmp_path / "dist" / "SHA256SUMS").read_text() == (release.folder / "SHA256SUMS").read_text()


def test_the_package_holds_what_is_installed_and_nothing_else(release):
    with zipfile.ZipFile(release.archive) as package:
        entries = {e.filename: e for e in package.infolist()}
        assert {*entries} == {"LICENSE", "README.md", "http.zip", "install.sh", "lib/aws.sh", "lib/bucket.sh", "lib/stack.sh",
                              "monitoring.yaml", "queue.zip", "template.yaml"}
        assert list(entries) == sorted(entries)
        assert stat.S_IMODE(entries["install.sh"].external_attr >> 16) == 0o755
        for name in ("http.zip", "queue.zip"):
            with package.open(name) as file, zipfile.ZipFile(file) as code:
                bootstrap, = code.infolist()
                assert (bootstrap.filename, stat.S_IMODE(bootstrap.external_attr >> 16)) == ("bootstrap", 0o755)
                binary = code.read(bootstrap)
                assert binary[:4] == b"\x7fELF" and binary[18] == 183, "no ELF for AArch64"
                assert f"v{VERSION}".encode() in binary


class _Plain(yaml.SafeLoader):
    """Reads CloudFormation's tags as pairs, and merges written out."""


_Plain.add_multi_constructor("!", lambda loader, tag, node: (tag, getattr(loader, f"construct_{node.id}")(node, **({} if node.id == "scalar" else {"deep": True}))))


def test_the_packaged_templates_are_the_sources_with_places_for_the_code(release):
    with zipfile.ZipFile(release.archive) as package:
        packaged, monitoring = (package.read(name).decode() for name in ("template.yaml", "monitoring.yaml"))
    assert yaml.load(monitoring, _Plain) == yaml.load((ROOT / "deploy/monitoring.yaml").read_text(), _Plain)
    assert not re.search(r"<<:|[:-] [&*]\w", monitoring), "CloudFormation takes no anchors and merges"
    source = yaml.load((ROOT / "template.yaml").read_text(), _Plain)
    del source["Globals"]["Function"]["CodeUri"]
    source["Resources"]["Monitoring"]["Properties"]["TemplateURL"] = "INSTALL_URL/monitoring.yaml"
    for function, archive in (("HttpFunction", "http.zip"), ("QueueFunction", "queue.zip")):
        del source["Resources"][function]["Metadata"]
        source["Resources"][function]["Properties"]["CodeUri"] = {"Bucket": "INSTALL_BUCKET", "Key": f"INSTALL_KEY/{archive}"}
    assert yaml.load(packaged, _Plain) == source


def test_the_templates_are_valid_and_the_repository_s_one_has_no_nested_stack(release, tmp_path):
    flat = release.folder / "serverless-application-repository.yaml"
    with zipfile.ZipFile(release.archive) as package:
        templates = [package.extract(name, tmp_path) for name in ("template.yaml", "monitoring.yaml")]
    for template in (*templates, flat):
        subprocess.run(["cfn-lint", "--regions", "eu-central-1", "--template", template], cwd=ROOT, check=True)
    source, nested, whole = (yaml.load(path.read_text(), _Plain)["Resources"] for path in (ROOT / "template.yaml", ROOT / "deploy/monitoring.yaml", flat))
    assert {*whole} == {*source, *nested} - {"Monitoring"}


@pytest.mark.parametrize("parameters", [{}, {"Authorization": "TOKEN", "SilenceHours": "5"},
                                        {"AlarmOnNotApplied": "true", "AlarmTopicArn": f"arn:aws:sns:eu-central-1:{ACCOUNT}:alarms"}])
def test_the_template_without_a_nested_stack_comes_to_the_same(release, parameters):
    source, flat = Stack(parameters), Stack(parameters, path=release.folder / "serverless-application-repository.yaml")
    resources = source.resources | source.monitoring.resources
    del resources["Monitoring"]
    assert (flat.resources, flat.outputs) == (resources, source.outputs)


def test_the_checksums_cover_every_file(release):
    names = [line.split("  ")[1] for line in (release.folder / "SHA256SUMS").read_text().splitlines()]
    assert sorted([*names, "SHA256SUMS"]) == sorted(path.name for path in release.folder.iterdir())
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=release.folder, check=True)


def publish(*arguments, code=0, **variables):
    result = subprocess.run([ROOT / "deploy/publish.sh", *arguments], env={**os.environ, **variables}, text=True, capture_output=True)
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.fixture
def tagged(tmp_path):
    """A copy of what a tag must agree with, at version 1.2.3."""
    for name in ("deploy/publish.sh", "template.yaml", "CHANGELOG.md", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = (ROOT / name).read_text().replace("0.1.0", "1.2.3").replace("- Unreleased", "- 2026-12-01").replace("/OWNER/", "/somebody/")
        (tmp_path / name).write_text(text)
    (tmp_path / "deploy/publish.sh").chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("tag, name, text, other, sentence", [
    ("v1.2.3", "README.md", "", "", ""),
    ("1.2.3", "README.md", "", "", "a tag is named v1.2.3"),
    ("v1.2.4", "README.md", "", "", "template.yaml has another SemanticVersion than 1.2.4"),
    ("v1.2.3", "CHANGELOG.md", "2026-12-01", "Unreleased", "CHANGELOG.md has no section of 1.2.3 with its day"),
    ("v1.2.3", "README.md", "mark-read-1.2.3.zip", "mark-read-1.2.2.zip", "README.md does not install 1.2.3 of somebody/helpcrunch-mark-read"),
    ("v1.2.3", "README.md", "/somebody/", "/OWNER/", "README.md does not install 1.2.3 of somebody/helpcrunch-mark-read"),
])
def test_a_tag_must_be_the_version_that_the_files_name(tagged, tag, name, text, other, sentence):
    (tagged / name).write_text((tagged / name).read_text().replace(text, other) if text else (tagged / name).read_text())
    result = subprocess.run([tagged / "deploy/publish.sh", "check", tag], env={**os.environ, "GITHUB_REPOSITORY": "somebody/helpcrunch-mark-read"},
                            text=True, capture_output=True)
    assert (result.returncode == 0) == (sentence == "") and sentence in result.stderr


def test_only_equal_builds_are_published(tmp_path):
    for name, content in (("one", "1"), ("another", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(content)
    assert "two builds of the same commit differ" in publish("compare", tmp_path / "one", tmp_path / "another", code=1)


@pytest.fixture
def gh(tmp_path):
    """Stands in for GitHub's CLI: knows the release v1.0.0, and keeps what it is asked to create."""
    (tmp_path / "gh").write_text(f"""#!/bin/sh
case "$1 $2 $3" in
"release view v1.0.0") exit 0 ;;
"release view "*) exit 1 ;;
esac
echo "$@" >"{tmp_path}/asked"
cat >"{tmp_path}/notes"
""")
    (tmp_path / "gh").chmod(0o755)
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_REPOSITORY": "somebody/helpcrunch-mark-read"}


def test_a_release_is_made_once_with_every_file(gh, release, tmp_path):
    assert "the release v1.0.0 exists, and is not overwritten" in publish("release", "v1.0.0", release.folder, code=1, **gh)
    assert not (tmp_path / "asked").exists()
    publish("release", "v0.1.0", release.folder, **gh)
    asked, notes = (tmp_path / "asked").read_text(), (tmp_path / "notes").read_text()
    assert "--verify-tag" in asked and all(str(path) in asked for path in release.folder.iterdir())
    assert "### Added" in notes and "\ncurl -fsSLO " in notes and "helpcrunch-mark-read/install.sh\n" in notes


def test_pip_takes_only_what_is_listed_by_hash_and_builds_nothing():
    assert "--require-hashes --only-binary :all:" in (ROOT / "deploy/tools.sh").read_text()
    for path in (ROOT / "deploy/requirements").iterdir():
        assert not re.search(r"://|--(index|extra|find|trusted)", path.read_text()), f"{path.name} names a registry"


def test_nothing_is_fetched_while_a_workflow_holds_credentials():
    """After the step that takes AWS's role, or in a job that may write or sign, only scripts run, and they have no proxy to ask."""
    for path in (ROOT / ".github/workflows").iterdir():
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            steps, held = job.get("steps", []), "attestations" in job.get("permissions", {}) or job.get("permissions", {}).get("contents") == "write"
            for step in steps:
                if held and "run" in step:
                    assert step["run"].startswith("deploy/publish.sh ") or step.get("env", {}).get("GOPROXY") == "off", f"{path.name}, {name}: {step['run']}"
                held = held or "configure-aws-credentials" in step.get("uses", "")


@pytest.mark.parametrize("name", SHELL)
def test_shell_scripts_run_on_a_mac(name):
    text = (ROOT / name).read_text()
    found = [f"line {n}: {why}" for why, pattern in NOT_ON_A_MAC.items() for n, line in enumerate(text.splitlines(), 1)
             if re.search(pattern, line) and not line.lstrip().startswith("#")]
    assert not found
