"""One role of a bench, on the original robotmq: `role.py server | client | codec | policy-server | policy-client`.

Commands come as lines of JSON on stdin, answers leave as lines of JSON on the first stdout; the library's own
output goes to stderr. The end of stdin ends the process.
"""

import glob
import importlib
import json
import os
import signal
import sys


def main() -> None:
    # Ctrl-C reaches the whole group; the parent closes stdin when it is time to go.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    handlers = importlib.import_module(f"{sys.argv[1].replace('-', '_')}_role").handlers()
    try:
        obey(handlers, answers)
    finally:
        # The library's server takes up to a second to end: nothing of it outlives the process but what is named here.
        for path in glob.glob(f"/dev/shm/rmq_*_{os.getpid()}_bench_*"):
            os.unlink(path)
        os._exit(0)


def obey(handlers, answers) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        name, identifier = message.pop("command"), message.pop("id")
        try:
            answer = {"id": identifier, "result": handlers[name](**message)}
        except Exception as error:  # The parent decides what an error means.
            answer = {"id": identifier, "error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
