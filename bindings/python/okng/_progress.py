"""Long calls: what they tell, and what stops them."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from .native import ffi, raise_for, text_of


@dataclass(frozen=True)
class Progress:
    """How far a stage has come."""

    stage: str  #: "features", "coreset", "calibration", "inspecting" ...
    done: int
    total: int


#: A function that hears of progress and stops the work by returning True; True for a bar of tqdm, where it is installed,
#: or else lines on stderr; None or False for nothing.
ProgressLike = Union[Callable[[Progress], Optional[bool]], bool, None]


class _Bars:
    """A bar per stage by tqdm."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm, self._bar, self._stage = tqdm, None, ""

    def __call__(self, progress: Progress) -> None:
        if progress.stage != self._stage:
            self.close()
            self._stage = progress.stage
            self._bar = self._tqdm(total=progress.total, desc=progress.stage)
        if self._bar is not None:
            self._bar.total = progress.total
            self._bar.update(progress.done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None


class _Lines:
    """A line per stage on stderr."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        if progress.stage != self._stage:
            self._stage = progress.stage
            print(f"okng: {progress.stage} ...", file=sys.stderr)

    def close(self) -> None:
        pass


def _shown() -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _Lines()
    return _Bars(tqdm)


class LongCall:
    """A call of C that takes a progress function. Ctrl-C stops it at its next progress."""

    def __init__(self, progress: ProgressLike = None) -> None:
        self._shown = _shown() if progress is True else None
        self._told: Any = self._shown or (progress if callable(progress) else None)
        self._stop = False
        self._failure: Optional[BaseException] = None
        self.callback = ffi.callback("int(const okng_progress *, void *)", self._tell, error=1)

    def _tell(self, progress: Any, _user: Any) -> int:
        """Comes from any thread of the call. An exception must not pass through C: it ends the call and is raised then."""
        if self._stop or self._failure is not None:
            return 1
        if self._told is None:
            return 0
        try:
            answer = self._told(Progress(text_of(progress.stage), progress.done, progress.total))
        except BaseException as failure:
            self._failure = failure
            return 1
        return 1 if answer is True else 0

    def fail(self, failure: BaseException) -> None:
        """Another callback of the same call failed: its exception is raised at the end."""
        self._failure = self._failure or failure

    def run(self, call: Callable[[Any], Any]) -> None:
        """Runs call(error) and raises what it, a callback, or the keyboard said."""
        error = ffi.new("okng_error *")
        try:
            status, interrupt = self._interruptible(lambda: call(error))
        finally:
            if self._shown is not None:
                self._shown.close()
        if interrupt is not None:
            raise interrupt
        if self._failure is not None:
            raise self._failure
        raise_for(status, error)

    def _interruptible(self, call: Callable[[], Any]) -> tuple[int, Optional[BaseException]]:
        """Signals come to the main thread between steps of Python, so that waits while another thread is in C."""
        if threading.current_thread() is not threading.main_thread():
            return call(), None
        ended, came = threading.Event(), []
        interrupt: Optional[BaseException] = None

        def work() -> None:
            try:
                came.append(call())
            except BaseException as failure:  # cffi's own, before C is entered
                self.fail(failure)
                came.append(-1)
            finally:
                ended.set()

        threading.Thread(target=work, name="okng", daemon=True).start()
        while not ended.is_set():
            try:
                ended.wait(0.1)  # a signal that came to another thread wakes nobody here
            except BaseException as signal:
                interrupt, self._stop = signal, True
        return came[0], interrupt
