"""Why a line, a file or a question can't be used, so that it is translated; see `Sentence`."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

REASONS = (
    # Texts, in whatever field.
    _("{others} or {last}"),
    _("one of {shown} and {n} more"),
    _("label of {value!r}"),
    _("{name} should be a text, or an object of texts by language; got {text!r}."),
    _("{name} should not be empty."),
    _("{name} should have at most {most} letters; got {n}."),
    _("{name} has a sign that can't be stored ({sign}); leave it out."),
    _("{name} is keyed by language codes such as 'en'; got {language!r}."),
    _("{name} in {language!r} should be a text; got {words!r}."),
    # Lines of a file.
    _("There is a NUL character, which no text has; is this a text file?"),
    _("This is not UTF-8 text; save the file as UTF-8."),
    _("The line is longer than {most} bytes; split it or link to the content."),
    _('Expected items as a JSON list, as in ["a", "b"], or as a|b.'),
    _("The file is empty; expected a first line that names the columns, as in key,text."),
    _('The file is empty; expected one {"key": ..., "content": ...} on a line.'),
    _("Column {name!r} is left out; the columns are {names}."),
    _(
        "A field that begins here is longer than {most} characters or its quotation mark is "
        'never closed; close it, and write a quotation mark inside as "".'
    ),
    _('This is not CSV ({error}); write a quotation mark inside a quoted field as "".'),
    _("There is no column 'key' among {names}; name the column of task keys."),
    _("The column {name!r} occurs more than once; keep one."),
    _("Expected {expected} columns as in the first line, got {got}."),
    _("Expected a key of text that is not empty, got none."),
    _("Expected a key of text that is not empty, got {key!r}."),
    _("The task has no content; give any of {names}."),
    _("This is not JSON ({error}); write one object on each line."),
    _('Expected an object, as in {"key": "1", "content": {"text": "Hi"}}.'),
    _('Expected an object, as in {"key": "1", "text": "Hi"}.'),
    _('Expected content to be an object, as in {"text": "Hi"}.'),
    _("There is no field {name!r}; the fields are {names}."),
    _("At most {most} lines at once; send a file instead."),
    _("A pair needs two parts on its line, with | between them."),
    # Tables that can't be read at all.
    _(
        "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is an old .xls or has a "
        "password; save it as .xlsx without a password."
    ),
    _(
        "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is a zip file without such "
        "a workbook; save it as .xlsx."
    ),
    _(
        "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is damaged ({error}); save "
        "it again in Excel."
    ),
    _(
        "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is damaged or locked "
        "({error}); save it again in Excel."
    ),
    _(
        "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is {n} bytes unpacked, and "
        "the most is {most}; split it, or save it as CSV."
    ),
    _(
        "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is {n} cells large, and "
        "the most is {most}; clear what stands far off, or save it as CSV."
    ),
    _("Line {line} of {name} names no columns. {why}"),
    _("{name} has {n} columns, and the most is {most}; keep those that the tasks need."),
    _("{name} is a JSON list of {n} bytes, and the most is {most}; write one object on each line."),
    _("{name} is no JSON ({error}); write one object on each line."),
    # What a task shows.
    _("One import takes at most {rows_max} tasks; those before stay, send the rest in pieces."),
    _("A task should be an object with key and content; got {row!r:.80}."),
    _("A task has no field {name!r}; its fields are key, content, gold."),
    _("key should be a text of 1 to {most} letters; got {key!r:.80}."),
    _("The key {key!r} is taken by a task with other content or gold; choose another key."),
    _("content should be an object with any of {names}."),
    _("content has no field {name!r}; its fields are {names}."),
    _("content has {size} bytes; the most is {most}. Link to what is large."),
    _("content.items should be a list of 1 to {most} texts."),
    _("content.{name} should be an address that begins with https:// or /; got {address!r}."),
    _(
        "Browsers load nothing over http:// here, so nobody would see content.{name}; use an "
        "address with https://, or upload the file."
    ),
    _("Each task of a pair needs content.left and content.right."),
    _("content.left and content.right of a pair should differ from each other."),
    _("Each task of a question for boxes needs content.image."),
    _("Each task to rank needs {least} to {most} content.items; got {n}."),
    _("The content.items of a task to rank should differ from each other."),
    # Answers, as the gold of a task is one.
    _("Expected {options}; got {value}."),
    _("Expected any of {options}; got {value}."),
    _("Expected {low} to {high} of the options; got {n}."),
    _("Expected a list of texts; got {value}."),
    _("Expected a list of items, the first one first; got an empty one."),
    _("{value} is there twice; give each once."),
    _("An item has a sign that can't be stored (NUL); leave it out."),
    _("Expected a list of at most {most} boxes; got {value}."),
    _("A box has x, y, w, h and perhaps a label; got {value}."),
    _("The sides of a box are fractions of the picture; got {value}."),
    _("A box lies inside the picture, from 0 to 1; got {value}."),
    _("The boxes of this question have no label; leave it out."),
    _("A box's label is {labels}; got {value}."),
    _("Expected a number; got {value}."),
    _("Expected a number; got {words!r:.60}."),
    _("Expected a number of at most {high}; got {value}."),
    _("Expected a number of at least {low}; got {value}."),
    _("Expected a number from {low} to {high}; got {value}."),
    _("Expected a number in steps of {step} from {low}; got {value}."),
    _("Expected a text; got {value}."),
    _("The text has a sign that can't be stored (NUL); leave it out."),
    _("Expected a text of {low} to {high} letters; got {n}."),
    _("The prediction should be the others' mean; got {prediction!r}."),
    _("A question of type {kind!r} takes no prediction."),
    _("The prediction should give shares of {options}."),
    _("Each predicted share should be a number from 0 to 1."),
    # Questions and promises.
    _("The question should be an object with a type and a text; got {question!r}."),
    _("The question has a field {name!r}; known fields are {fields}."),
    _("A question's type is {types}; got {kind!r}."),
    _("question.predict is true or false; got {given!r}."),
    _("A question of type {kind!r} takes no prediction; leave predict out."),
    _(
        "question.min and question.max are how many may be chosen, 0 to {most}; got {low!r} "
        "and {high!r}."
    ),
    _("A pair has no options: its answers are 'left', 'right' and 'same'."),
    _("question.options should be a list of {least} to {most} options."),
    _("The option {value!r} is there twice; each value must differ."),
    _("An option has a value and a label; got {option!r}."),
    _("An option's value is a text of 1 to {most} letters; got {value!r}."),
    _("An option's value has no space around it and no control sign: {value!r}."),
    _("question.{name} should be a number; got {limit!r}."),
    _("question.min should be below question.max; got {low} and {high}."),
    _("question.step should be above 0; got {step}."),
    _("question.min and question.max of a text are whole numbers of letters."),
    _("A text may have 1 to {most} letters; got {low} to {high}."),
    _("A topic is one of {known}; got {topic!r:.40}."),
    _("The promise should be an object with a kind; got {promise!r}."),
    _("The promise has a field {name!r}; known fields are {fields}."),
    _("A promise's kind is {kinds}; got {kind!r}."),
    _("A promise of nothing takes no {name}; leave it out, or promise 'per_answer'."),
    _(
        "promise.amount_minor is what one answer earns in minor units, a whole number from 1 "
        "to {most}; got {given!r}."
    ),
    _(
        "promise.amount_minor of a pool is all that is shared, in minor units, a whole number "
        "from 1 to {most}; got {given!r}."
    ),
    _(
        "promise.percent is the part of the gains that is shared, a whole number from 1 to 100; "
        "got {given!r}."
    ),
    _(
        "promise.cap_minor is the most that is shared in all, in minor units, a whole number "
        "from 1 to {most}, or null for no cap; got {given!r}."
    ),
    _("promise.report_months is how often gains are reported, in months: {months}; got {given!r}."),
    _("promise.until is the last day whose gains are shared, as in 2027-12-31; got {given!r:.40}."),
    _(
        "promise.base_percent is the part that every answer that counts gets alike, a whole "
        "number from 0 to 100; got {given!r}."
    ),
    _("promise.parts is a list of 2 or 3 promises of money; got {parts!r:.80}."),
    _("Each part of a promise is {kinds}; got {part!r:.80}."),
    _("The parts of a promise are of different kinds; give each kind once."),
    _("The parts of a promise are in one currency; choose one for all of them."),
    # Pictures, sounds and films.
    _("The file is empty."),
    _(
        "{what} Send a JPEG, PNG, GIF or WebP, an MP3, WAV, OGG or M4A, an MP4 or WebM, or a "
        "ZIP of them."
    ),
    _("SVG and HTML can carry scripts and are not taken."),
    _("A PDF is neither picture, sound nor film."),
    _("A program is neither picture, sound nor film."),
    _("HEIC and AVIF can't be read here; save it as JPEG."),
    _("It is not a kind of file that phones can show."),
    _("Its name ends in {suffix!r:.20}, but it is {type}; name it for what it is."),
    _("It has {size} MB; the most for {type} is {most} MB."),
    _("It is not a whole {type}: it breaks off, or something else is in it."),
    _("There is a page or a script hidden in it; save the picture anew."),
    _("There is an archive hidden in it; save the picture anew."),
    _("Something was added after its end; save the picture anew."),
    _("It can't be read as {type}; save it anew."),
    _("It has {width} × {height} pixels; the most is 50 million in all."),
    _("It has too many pixels; the most is 50 million."),
    _("At most {most} files at once."),
    _("A ZIP inside a ZIP is not opened; pack the files themselves."),
    _("The ZIP is broken; pack it anew."),
    _("The ZIP has {n} files; the most is {most}."),
    _("There are no files in the ZIP."),
    _("The ZIP is encrypted; pack it without a password."),
    _("The ZIP holds a link; pack the files themselves."),
    _("The ZIP holds a file that would leave its folder; pack it anew."),
    _("The ZIP unpacks to more than 2 GB; send it in parts."),
    _("The ZIP unpacks to far more than it has; no picture packs so well."),
)
