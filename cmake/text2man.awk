# Turns the text of a command into a man page (man macros).
#
#   awk -v name=eventure-log -v version=0.1.0 -v output=eventure-log.1 -f text2man.awk log.txt
#
# The text is what --help prints, so it is plain, at most 80 columns wide, and its shape says what is what:
#
#   NAME                        A line of capitals at column 0 begins a section.
#       eventure-log - lists    Text is indented by four spaces and flows; blank lines part paragraphs.
#   SYNOPSIS                    Kept line by line.
#   OPTIONS                     A line indented by 2 to 7 spaces that begins with '-' heads an entry ...
#     --limit N                 (so does a number, or a word followed by two spaces, as in a list of exit codes)
#           At most N events.   ... and what is indented by 8 or more below it is its description.
#   EXAMPLES                    A paragraph that begins with '$ ', or is indented by 8, is kept line by line.

function fail(message)
{
    print FILENAME ":" FNR ": " message > "/dev/stderr"
    failed = 1
    exit 1
}

# Text with everything escaped that roff would take for itself.
function escape(text,    i, c, result)
{
    result = ""
    for (i = 1; i <= length(text); i++)
    {
        c = substr(text, i, 1)
        if (c == "\\")
            c = "\\e"
        else if (c == "-")
            c = "\\-"
        else if (c == "'")
            c = "\\(aq"
        else if (c == "`")
            c = "\\(ga"
        else if (c == "^")
            c = "\\(ha"
        else if (c == "~")
            c = "\\(ti"
        else if (c == "." && i == 1)
            c = "\\&."
        result = result c
    }
    return result
}

function emit(line)
{
    page = page line "\n"
}

function end_literal()
{
    if (literal)
    {
        emit(".fi")
        emit(".RE")
        literal = 0
    }
}

# Whether a line heads an entry of a list; sets entry_tag and entry_rest.
function is_entry(indent, text,    gap)
{
    if (indent < 2 || indent > 7 || section == "NAME" || section == "SYNOPSIS")
        return 0
    gap = match(text, /   */)
    entry_tag = gap ? substr(text, 1, RSTART - 1) : text
    entry_rest = gap ? substr(text, RSTART + RLENGTH) : ""
    if (text ~ /^-/)
        return 1
    return gap && entry_tag ~ /^[^ ]+( [^ ]+)?( [^ ]+)?$/
}

{
    sub(/[ \t\r]+$/, "")
    if (length($0) > 80 && $0 !~ /[^ -~]/)
        fail("longer than 80 columns")
    if ($0 ~ /\t/)
        fail("a tab")
}

/^[A-Z][A-Z ]*$/ {
    end_literal()
    if (verbatim)
        emit(".fi")
    section = $0
    sections[section] = 1
    emit(".SH " section)
    verbatim = section == "SYNOPSIS"
    if (verbatim)
        emit(".nf")
    paragraph = 1
    in_entry = 0
    fresh = 1
    next
}

/^$/ {
    if (!fresh)
        paragraph = 1
    next
}

{
    if (section == "")
        fail("text before the first section")
    if ($0 ~ /^[^ ]/)
        fail("text at column 0 that is no section: " $0)
    match($0, /^ */)
    indent = RLENGTH
    text = substr($0, indent + 1)

    if (section == "NAME")
    {
        dash = index(text, " - ")
        if (!dash)
            fail("NAME must be 'name - what it does'")
        if (substr(text, 1, dash - 1) != name)
            fail("NAME says " substr(text, 1, dash - 1) ", the page is " name)
        emit(escape(substr(text, 1, dash - 1)) " \\- " escape(substr(text, dash + 3)))
    }
    else if (verbatim)
        emit(escape(substr($0, indent > 4 ? 5 : indent + 1)))
    else if (literal && (!paragraph || (indent >= literal_indent && (literal_indent >= 8 || text ~ /^\$ /))))
    {
        if (paragraph)
            emit("")
        emit(escape(sprintf("%*s%s", indent > literal_indent ? indent - literal_indent : 0, "", text)))
    }
    else if (is_entry(indent, text) && !(text ~ /^\$ /))
    {
        end_literal()
        emit(".TP")
        emit("\\fB" escape(entry_tag) "\\fR")
        if (entry_rest != "")
            emit(escape(entry_rest))
        in_entry = 1
    }
    else if (text ~ /^\$ / || (indent >= 8 && !in_entry && paragraph))
    {
        end_literal()
        emit(fresh ? ".RS 4" : ".PP\n.RS 4")
        emit(".nf")
        literal = 1
        literal_indent = indent
        emit(escape(text))
    }
    else
    {
        end_literal()
        if (paragraph && !fresh)
        {
            if (in_entry && indent >= 8)
                emit(".IP")
            else
            {
                emit(".PP")
                in_entry = 0
            }
        }
        emit(escape(text))
    }
    paragraph = 0
    fresh = 0
}

END {
    if (failed)
        exit 1
    end_literal()
    if (verbatim)
        emit(".fi")
    if (!("NAME" in sections) || !("SYNOPSIS" in sections) || !("DESCRIPTION" in sections))
    {
        print FILENAME ": NAME, SYNOPSIS and DESCRIPTION are needed" > "/dev/stderr"
        exit 1
    }
    title = toupper(name)
    print ".\\\" Made from the text that --help prints: do not edit." > output
    print ".TH " escape(title) " 1 \"\" \"Eventure " version "\" \"Eventure manual\"" > output
    printf "%s", page > output
    close(output)
}
