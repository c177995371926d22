import os
import subprocess

import pytest


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """MiniStack and HelpCrunch, both empty."""
    from emulator import World

    folder = tmp_path_factory.mktemp("deploy")
    world = World(folder, os.environ["MINISTACK"])
    yield world
    world.processes.stop()


@pytest.fixture(scope="session")
def built(world):
    """The folder that `sam build` wrote."""
    world.sam("build", "--build-dir", str(world.folder / "build"))
    return world.folder / "build"


@pytest.fixture(scope="session")
def bootstraps(world):
    """Both functions for this machine, built by what SAM calls; the deployed ones are for arm64."""
    from emulator import MACHINE, ROOT

    for name in ("Http", "Queue"):
        subprocess.run(["make", "-s", f"build-{name}Function", f"ARTIFACTS_DIR={world.folder / name}", f"GOARCH={MACHINE[0]}"],
                       cwd=ROOT, check=True)
    return {name: world.folder / name / "bootstrap" for name in ("Http", "Queue")}


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    """What is published, on a server."""
    from installer import Release

    release = Release(tmp_path_factory.mktemp("release"))
    yield release
    release.stop()
