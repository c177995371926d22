"""What the installation tests run: the released package, served as a release is, in an environment that has little more than
bash and an AWS CLI."""

import functools
import http.server
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import threading

from emulator import REGION, ROOT, until

VERSION = "0.0.0-test"
AWS = ROOT / ".venv" / "aws" / "bin"
COREUTILS = "basename cat chmod cp cut date dirname env head ls mkdir mktemp mv rm sha256sum sleep sort tail tr uname wc"


class Release:
    """What `make release` builds (without ops), on a server of its own. `url` is what stands in for the release's address."""

    def __init__(self, folder):
        self.folder = folder / "dist"
        environment = {**os.environ, "VERSION": f"v{VERSION}", "DIST": str(self.folder), "PLATFORMS": ""}
        subprocess.run([ROOT / "deploy" / "release.sh"], env=environment, check=True, stdout=subprocess.DEVNULL)
        handler = functools.partial(_Quiet, directory=self.folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def archive(self):
        return self.folder / f"helpcrunch-mark-read-{VERSION}.zip"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def bare_path(folder):
    """A folder that holds bash, coreutils, grep, sed, unzip, curl and an AWS CLI, and nothing else."""
    folder.mkdir(parents=True)
    for name in ["bash", "grep", "sed", "unzip", "curl", *COREUTILS.split()]:
        (folder / name).symlink_to(shutil.which(name))
    (folder / "aws").symlink_to(AWS / "aws")
    return folder


def warm_path(folder, processes):
    """The same, with an AWS CLI that is loaded already."""
    bare_path(folder)
    (folder / "aws").unlink()
    (folder / "aws").write_text(f"""#!/bin/sh
WARM_CLI='{folder}.socket' exec '{sys.executable}' -IS '{ROOT}/deploy/warm_cli.py' call "$@"
""")
    (folder / "aws").chmod(0o755)
    processes.start("warm-cli", [AWS / "python", ROOT / "deploy" / "warm_cli.py", "serve", f"{folder}.socket"])
    until(lambda: os.path.exists(f"{folder}.socket"), "the AWS CLI is loaded")
    return folder


class Shell:
    """Runs commands as a user of CloudShell does, signed in to MiniStack."""

    def __init__(self, world, path, home):
        self.home = home
        home.mkdir(parents=True)
        self.environment = {
            "PATH": str(path), "HOME": str(home), "TMPDIR": str(home), "AWS_ENDPOINT_URL": world.endpoint, "AWS_CA_BUNDLE": str(world.certificate),
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
            "INSTALL_PAUSE": "0.3"}

    def start(self, command, answers=None, **variables):
        """Starts a command line. With answers it has a terminal, where they are typed."""
        environment = {name: value for name, value in {**self.environment, **variables}.items() if value is not None}
        stdin = subprocess.DEVNULL
        if answers is not None:
            keyboard, stdin = pty.openpty()
            os.write(keyboard, "".join(f"{answer}\n" for answer in answers).encode())
        return subprocess.Popen([os.path.join(environment["PATH"], "bash"), "-c", command], cwd=self.home, env=environment, stdin=stdin,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, command, answers=None, code=0, **variables):
        """Runs it to its end, which must be `code`. Returns what it printed."""
        process = self.start(command, answers, **variables)
        printed = process.communicate(timeout=600)[0]
        assert process.returncode == code, f"{command}: exit code {process.returncode}\n{printed}"
        return printed
