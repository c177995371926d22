"""An AWS CLI that is loaded already. Loading it takes Python most of a second, and the installation tests call it hundreds of
times: each call is a fork of one process, which has the pinned awscli package in memory.

    warm_cli.py serve SOCKET      with the Python of .venv/aws
    warm_cli.py call ARGUMENTS    with any Python, as `aws`; the socket is in WARM_CLI
"""

import json
import os
import signal
import socket
import sys


def serve(path):
    from awscli.clidriver import create_clidriver

    driver = create_clidriver()
    for service in ("cloudformation", "s3", "secretsmanager", "sqs", "sts"):
        driver.session.get_service_model(service)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        while True:
            caller, _ = server.accept()
            if os.fork() == 0:
                answer(driver, caller)
            caller.close()


def answer(driver, caller):
    """One call, in a process of its own, with the caller's environment, folder and files."""
    code = 255
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _, files, _, _ = socket.recv_fds(caller, 1, 3)
        arguments, environment, folder = json.loads(caller.makefile().read())
        for target, file in enumerate(files):
            os.dup2(file, target)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        code = driver.main(arguments)
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        caller.send(str(code).encode())
        os._exit(0)


def call(arguments):
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(os.environ["WARM_CLI"])
        socket.send_fds(server, [b"."], [0, 1, 2])
        server.sendall(json.dumps([arguments, dict(os.environ), os.getcwd()]).encode())
        server.shutdown(socket.SHUT_WR)
        return int(server.recv(8) or 255)


if __name__ == "__main__":
    sys.exit(serve(sys.argv[2]) if sys.argv[1] == "serve" else call(sys.argv[2:]))
