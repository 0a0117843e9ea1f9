"""Every error that the engine raises on purpose.

A file that cannot be read is not among them: that is a recorded `Fault` (`model/faults.py`), never an
exception that stops a run.

* EngineError
  + UsageError             what was asked for makes no sense (a path that does not exist, an unknown id)
    - NothingToDo          there was nothing to take in
    - HashListError        a hash list cannot be read, or was refused
  + WorkspaceError         the workspace cannot be used
    - WorkspaceBusy        another process is writing to it
    - WorkspaceTooNew      made by a newer Foureyes
    - WorkspaceDamaged     what is on disk is not what was recorded
    - StorageFull          the disk is full
    - IndexOutdated        the index of fingerprints was made another way; it can be made anew
  + CageError              the cage for hostile bytes cannot be built here
  + SourceLost             the device that is read went away
  + OriginalAway           the bytes of a media are not at hand: not kept, and its source is not there
  + ModelUnusable          the file of a network is missing, altered, or of another form
"""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """Base of all: one clear line for people, a stable code, and the exit code of the command."""

    code: ClassVar[str] = "engine"
    exit_code: ClassVar[int] = 1
    permanent: ClassVar[bool] = True
    """Whether trying the same thing again is pointless."""


class UsageError(EngineError):
    """What was asked for makes no sense: the message says what to do instead."""

    code = "usage"
    exit_code = 2


class NothingToDo(UsageError):
    """There was nothing to take in: an empty folder, or one without media."""

    code = "nothing"
    exit_code = 3


class HashListError(UsageError):
    """A hash list cannot be read, is of no known form, or was refused for a broken record."""

    code = "hash-list"
    exit_code = 11


class WorkspaceError(EngineError):
    """The workspace cannot be used."""

    code = "workspace"
    exit_code = 4


class WorkspaceBusy(WorkspaceError):
    """Another process is writing to the workspace; the message names it and says since when."""

    code = "busy"
    exit_code = 5
    permanent = False


class WorkspaceTooNew(WorkspaceError):
    """The workspace was made by a newer Foureyes than this one."""

    code = "too-new"
    exit_code = 6


class WorkspaceDamaged(WorkspaceError):
    """What is on disk is not what was recorded; `foureyes verify` lists it."""

    code = "damaged"
    exit_code = 7


class StorageFull(WorkspaceError):
    """The disk is full. What was committed stands; free space and run the same command again."""

    code = "full"
    exit_code = 8
    permanent = False


class IndexOutdated(WorkspaceError):
    """The index of fingerprints was made another way or of others: `foureyes index --rebuild`."""

    code = "index-outdated"
    exit_code = 12


class CageError(EngineError):
    """The cage for hostile bytes cannot be built on this machine, and nobody allowed to go without."""

    code = "cage"
    exit_code = 9


class SourceLost(EngineError):
    """The device that is read went away. What was committed stands; attach it and run again."""

    code = "source-lost"
    exit_code = 10
    permanent = False


class OriginalAway(EngineError):
    """The bytes of a media are not at hand; the message names the sources to plug in."""

    code = "original-away"
    exit_code = 13
    permanent = False


class ModelUnusable(EngineError):
    """The file of a network is missing, altered, or of another form; all else goes on without it."""

    code = "model"
    exit_code = 14
