# Turns the text of a command into a man page (man macros).
#
#   awk -v name=eventure-log -v version=0.1.0 -v output=eventure-log.1 -f text2man.awk log.txt
#
# The text is what --help prints, so it is plain, at most 80 columns wide, and its shape says what is what:
#
#   NAME                        A line of capitals at column 0 begins a section.
#       eventure-log - lists    Text is indented by four spaces and flows; blank lines part paragraphs.
#   SYNOPSIS                    Kept line by line.
#   OPTIONS                     A line indented by 2 to 7 spaces heads an entry when the next line is indented by 8 or
#       --limit N               more: its description. So does a line `name    description`, with two or more spaces
#           At most N events.   between, as in a list of commands.
#   EXAMPLES                    A paragraph that begins with '$ ', or is indented by 8 and describes nothing, is kept
#       $ eventure log x.db     line by line.

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

function indent_of(line)
{
    match(line, /^ */)
    return RLENGTH
}

# Leaves the block that is kept line by line.
function end_literal()
{
    if (literal)
    {
        emit(".fi")
        emit(".RE")
        literal = 0
    }
}

function begin_section(title)
{
    end_literal()
    if (synopsis)
        emit(".fi")
    section = title
    seen[title] = 1
    emit(".SH " title)
    synopsis = title == "SYNOPSIS"
    if (synopsis)
        emit(".nf")
    paragraph = 0
    in_entry = 0
    first = 1
}

# Whether a line heads an entry of a list; sets tag and description.
function is_entry(indent, text, next_line,    gap)
{
    if (indent < 2 || indent > 7 || text ~ /^\$ /)
        return 0
    gap = match(text, /   */)
    tag = gap ? substr(text, 1, RSTART - 1) : text
    description = gap ? substr(text, RSTART + RLENGTH) : ""
    return gap || indent_of(next_line) >= 8
}

function name_line(text,    dash)
{
    dash = index(text, " - ")
    if (!dash || substr(text, 1, dash - 1) != name)
        fail("NAME must be '" name " - what it does', it is: " text)
    emit(escape(name) " \\- " escape(substr(text, dash + 3)))
}

# One line of a section other than NAME and SYNOPSIS.
function body_line(indent, text, next_line)
{
    if (literal && (!paragraph || (indent >= literal_indent && (literal_indent >= 8 || text ~ /^\$ /))))
    {
        if (paragraph)
            emit("")
        emit(escape(sprintf("%*s%s", indent > literal_indent ? indent - literal_indent : 0, "", text)))
        return
    }
    end_literal()
    if (is_entry(indent, text, next_line))
    {
        emit(".TP")
        emit("\\fB" escape(tag) "\\fR")
        if (description != "")
            emit(escape(description))
        in_entry = 1
        return
    }
    if (text ~ /^\$ / || (indent >= 8 && !in_entry))
    {
        if (!first)
            emit(".PP")
        emit(".RS 4")
        emit(".nf")
        literal = 1
        literal_indent = indent
        in_entry = 0
    }
    else if (indent < 8 && (in_entry || (paragraph && !first)))
    {
        emit(".PP")
        in_entry = 0
    }
    else if (paragraph && !first)
        emit(".IP")
    emit(escape(text))
}

{
    sub(/[ \t\r]+$/, "")
    if (length($0) > 80 && $0 !~ /[^ -~]/)
        fail("longer than 80 columns")
    if ($0 ~ /\t/)
        fail("a tab")
    if ($0 ~ /^[^ ]/ && $0 !~ /^[A-Z][A-Z ]*$/)
        fail("text at column 0 that is not a section: " $0)
    if ($0 != "" && !count && $0 !~ /^[A-Z]/)
        fail("text before the first section")
    lines[++count] = $0
}

END {
    if (failed)
        exit 1
    for (i = 1; i <= count; i++)
    {
        if (lines[i] == "")
        {
            paragraph = 1
            continue
        }
        if (lines[i] ~ /^[A-Z]/)
        {
            begin_section(lines[i])
            continue
        }
        indent = indent_of(lines[i])
        text = substr(lines[i], indent + 1)
        if (section == "NAME")
            name_line(text)
        else if (synopsis)
            emit(escape(substr(lines[i], indent > 4 ? 5 : indent + 1)))
        else
            body_line(indent, text, lines[i + 1])
        paragraph = 0
        first = 0
    }
    end_literal()
    if (synopsis)
        emit(".fi")
    if (!("NAME" in seen) || !("SYNOPSIS" in seen) || !("DESCRIPTION" in seen))
        fail("NAME, SYNOPSIS and DESCRIPTION are needed")
    print ".\\\" Made from the text that --help prints: do not edit." > output
    print ".TH " escape(toupper(name)) " 1 \"\" \"Eventure " version "\" \"Eventure manual\"" > output
    printf "%s", page > output
    close(output)
}
