"""The profile that lies beside a spec: Source and Spec -> the Profile that was counted for it, and what is wrong with it."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import set_name
from stgen.language.spec import Spec
from stgen.match.schema import columns_read
from stgen.profile.record import Profile, SetProfile
from stgen.source.source import Source

ANEW = "`stgen profile` writes it anew; without the file stgen decides as if it knew nothing of the data"


def profile_beside(source: Source, spec: Spec, findings: Findings) -> Profile | None:
    """The profile beside the spec: STG403 for one that can't be read, STG404 for one of other data sets. None without one."""
    beside = source.profile
    if beside is None:
        return None
    if beside.refused:
        findings.add(_broken(beside.path, beside.refused))
        return None
    from stgen.profile.parsing import ProfileError, parse  # here, because most specs have no profile

    try:
        profile = parse(beside.data)
    except ProfileError as error:
        findings.add(_broken(beside.path, str(error)))
        return None
    names = tuple(set_name(spec, index) for index in range(len(spec.data)))
    if tuple(one.name for one in profile.sets) != names:
        message = "the profile was counted for other data sets than the spec has, and is not used"
        findings.add(Diagnostic("STG404", message, ("data",), ANEW, severity="warning", about="key"))
        return None
    return profile.replaced(sets=tuple(_fitting(spec, index, one, findings) for index, one in enumerate(profile.sets)))


def _fitting(spec: Spec, index: int, known: SetProfile, findings: Findings) -> SetProfile:
    """What is known of a data set; nothing, with STG406, where other columns were counted."""
    given = columns_read(spec.data[index])
    if known.columns == given:
        return known
    column = sorted(given.items() ^ known.columns.items())[0][0]
    was, now = known.columns.get(column), given.get(column)
    message = f"the profile counted `{column}` as {was or 'nothing'}, and the spec reads it as {now or 'nothing'}"
    findings.add(Diagnostic("STG406", message, ("data", index), ANEW, severity="warning", about="key"))
    return known.replaced(columns=given, splits={})


def _broken(path: str, why: str) -> Diagnostic:
    return Diagnostic("STG403", f"the profile can't be read: {why}", help=ANEW, file=path)
