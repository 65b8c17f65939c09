"""The registry of all diagnostics: what each code means, why it matters, an example and the way out.

001-019 reading, 020-039 the language, 040-069 the data schema, 070-099 model and preparation, 100-149 loss and match,
150-199 training, hardware and metrics, 200-249 rows of data, 250-269 [prepare], 270-289 streams, 290-299 rows against each other, 300-329 output, 330-339 scaffolding,
340-349 what a file of data may ask for, 370-379 eval rows against test rows, 380-384 lists of texts, 390-393 labels that say how sure they are,
394-396 what checkpoints are chosen by, 397-402 what a run is made of, 403-409 the profile, 410-411 names of a person's own,
414-419 splits that are too small, and files that aren't what they seem, 430-434 trainings that are shared out,
440-449 rows of which some is lost, 450-451 what a teacher labels, 455-459 launchers of clusters,
460-461 languages of the texts, 465 models on this machine, 466-469 files that are written otherwise than the spec says,
470-474 rows that no role takes as they are, 475-476 the folder of another spec, 477 what a base on this machine lacks.
"""

from __future__ import annotations

from stgen.diagnostics.codes import (
    as_written,
    bases,
    between,
    bounds,
    choosing,
    clusters,
    copies,
    data,
    labels,
    lacking,
    language,
    languages,
    lists,
    losses,
    measured,
    model,
    names,
    others,
    output,
    prepare,
    profile,
    reading,
    rows,
    scaffold,
    sharing,
    small_splits,
    streaming,
    teaching,
    training,
    unsaid,
    written,
)
from stgen.diagnostics.codes.row import Code

BY_CODE: dict[str, Code] = {
    row.code: row
    for table in (
        reading,
        language,
        data,
        model,
        bases,
        lacking,
        losses,
        training,
        prepare,
        streaming,
        rows,
        between,
        measured,
        labels,
        choosing,
        lists,
        output,
        others,
        scaffold,
        sharing,
        bounds,
        copies,
        clusters,
        names,
        written,
        as_written,
        unsaid,
        profile,
        small_splits,
        teaching,
        languages,
    )
    for row in table.CODES
}

__all__ = ["BY_CODE", "Code"]
