"""Worker processes with limits: what they are given may hang them, fill memory or crash them, and we go on.

A worker is this module run as a program. It reads jobs from its input and writes answers to its output, as frames of
JSON behind their length. It can take so much memory and no more, may not write files, and is killed when a job takes
too long; the next job gets a new one.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from geo.errors import ArticleError

MEMORY_LIMIT_BYTES = 2_000_000_000
"""Address space, which counts what the libraries reserve, not only what they use."""
TIME_LIMIT_S = 60.0
"""For one file, the libraries loaded; a 400-page PDF takes about 20 s."""
START_LIMIT_S = 60.0
"""For loading libraries and names."""
_LENGTH = struct.Struct(">Q")
_MAX_FRAME = 200_000_000

Answer = dict[str, Any]


class Worker:
    """One worker process, started when it is first needed and again after each end.

    Parameters
    ----------
    setting
        Given to the process at its start, as JSON: what every job needs.
    """

    def __init__(self, setting: Mapping[str, Any], *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._setting = dict(setting)
        self._time_limit_s = time_limit_s
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, data: bytes, job: Mapping[str, Any]) -> Answer:
        """Return the answer to one job.

        Raises
        ------
        ArticleError
            The job refused its input, took too long or too much memory, or ended the process.
        """
        if self._process is None:
            self._start()
        answer = self._exchange({**job, "data": base64.b64encode(data).decode()}, self._time_limit_s)
        if "refused" in answer:
            raise ArticleError(answer["refused"])
        return answer

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _start(self) -> None:
        # -X utf8: the frames do not depend on the system; the package is found where this one was
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        # one thread: the numbers libraries reserve memory for each
        environment = {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "layers.articles.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._exchange(self._setting, START_LIMIT_S)

    def _exchange(self, message: Mapping[str, Any], limit_s: float) -> Answer:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise ArticleError("the worker process is not running")
        overdue = threading.Event()

        def end() -> None:
            overdue.set()
            process.kill()

        timer = threading.Timer(limit_s, end)
        timer.start()
        try:
            _write_frame(process.stdin, message)
            answer = _read_frame(process.stdout)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            why = f"it took longer than {limit_s:.0f} s" if overdue.is_set() else "reading it ended the worker process"
            raise ArticleError(f"{why}; nothing of it was taken in") from error
        finally:
            timer.cancel()
        return answer


def _write_frame(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    body = json.dumps(message).encode("ascii")
    stream.write(_LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def _read_frame(stream: IO[bytes]) -> Answer:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError("the other side is gone")
    (length,) = _LENGTH.unpack(head)
    if length > _MAX_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    body = stream.read(length)
    if len(body) < length:
        raise EOFError("the other side is gone")
    document = json.loads(body)
    if not isinstance(document, dict):
        raise TypeError("a frame must hold an object")
    return document


def _limit() -> None:
    """Limit this process for good; Windows has no such limits, there only the time counts."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(source: IO[bytes], sink: IO[bytes], make: Callable[[Answer], Callable[[bytes, Answer], Answer]]) -> None:
    """Answer frames until there are no more; the first one is the setting."""
    work = make(_read_frame(source))
    _write_frame(sink, {})
    while True:
        try:
            job = _read_frame(source)
        except EOFError:
            return
        data = base64.b64decode(job.pop("data"))
        try:
            answer = work(data, job)
        except ArticleError as error:
            answer = {"refused": str(error)}
        except (MemoryError, RecursionError) as error:
            what = "memory" if isinstance(error, MemoryError) else "depth of nesting"
            answer = {"refused": f"reading it exceeds the limit of {what}"}
        except Exception as error:  # noqa: BLE001 - whatever a parser raises, the file is refused and the next one read
            answer = {"refused": f"reading it failed ({type(error).__name__}: {str(error)[:200]})"}
        del data, job
        _write_frame(sink, answer)


def main() -> None:
    """Serve jobs on the standard streams."""
    from layers.articles.annotate import make_job

    source = sys.stdin.buffer
    # libraries may print: their output must not get between the frames
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _limit()
    with contextlib.suppress(BrokenPipeError):
        serve(source, sink, make_job)


if __name__ == "__main__":
    main()
