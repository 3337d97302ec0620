# Turns the public headers into man pages of section 3 (mdoc macros), so that the pages cannot differ from the headers.
#
#   awk -v output=DIRECTORY -v version=0.1.0 -v date='November 28, 2026' -f headers2man.awk HEADER... eventure.3.in
#
# Each HEADER NAME.h becomes DIRECTORY/eventure_NAME.h.3: its comment, its functions, types and macros, each with its
# Doxygen comment. Each function, type and function-like macro NAME gets DIRECTORY/NAME.3, a page that includes the page
# of its header (.so), so that `man NAME` finds it. A template, NAME.3.in, becomes DIRECTORY/NAME.3: a line @HEADERS@ is
# replaced by the list of headers and functions, @DATE@ and @VERSION@ by those given.
#
# It understands the C that clang-format leaves in the headers: comments of Doxygen with @file, @param, @return and
# @code, lists of `- `, and words in backquotes; #define, typedef, struct, union and enum, EVENTURE_API functions and
# static inline functions. What is for C++ only (#ifdef __cplusplus) is left out. Any other declaration is an error.

function fail(message)
{
    print FILENAME ":" FNR ": " message > "/dev/stderr"
    failed = 1
    exit 1
}

function trim(text)
{
    sub(/^[ \t\n]+/, "", text)
    sub(/[ \t\n]+$/, "", text)
    return text
}

# Text on one line, with single blanks.
function flat(text)
{
    gsub(/[ \t\n]+/, " ", text)
    return trim(text)
}

# Text with everything escaped that roff would interpret.
function escape(text,    i, c, result)
{
    result = ""
    for (i = 1; i <= length(text); i++)
    {
        c = substr(text, i, 1)
        if (c == "\\")
            c = "\\e"
        else if (c == "'")
            c = "\\(aq"
        else if (c == "`")
            c = "\\(ga"
        else if (c == "^")
            c = "\\(ha"
        else if (c == "~")
            c = "\\(ti"
        else if (c == "\"")
            c = "\\(dq"
        result = result c
    }
    return result
}

# A line of text: one that begins with a point would be a command of roff.
function protect(line)
{
    return line ~ /^[.]/ ? "\\&" line : line
}

# An argument of a macro, quoted.
function quote(text)
{
    return "\"" escape(text) "\""
}

# Escaped text, with what a regular expression matches in a font.
function in_font(text, pattern, font,    result)
{
    result = ""
    # escape() does not change RSTART and RLENGTH.
    while (match(text, pattern))
    {
        result = result escape(substr(text, 1, RSTART - 1)) "\\f" font escape(substr(text, RSTART, RLENGTH)) "\\fR"
        text = substr(text, RSTART + RLENGTH)
    }
    return result escape(text)
}

# Text in which names are not hyphenated: \% does that at the beginning of a word, and the opposite within one.
function unbroken(text,    words, count, i, result)
{
    count = split(text, words, " ")
    result = ""
    for (i = 1; i <= count; i++)
        result = result (i > 1 ? " " : "") (words[i] ~ /(EVENTURE|eventure)_/ ? "\\%" : "") words[i]
    return result
}

# One line of prose: words in backquotes and names of the library in bold, *words* in italics.
function markup(text,    parts, count, i, result, rest, from, to)
{
    count = split(text, parts, "`")
    if (count % 2 == 0)
        return protect(escape(text))
    result = ""
    for (i = 1; i <= count; i++)
    {
        if (i % 2 == 0)
        {
            result = result "\\fB" escape(parts[i]) "\\fR"
            continue
        }
        rest = parts[i]
        while (match(rest, /\*[A-Za-z][A-Za-z ,.]*\*/))
        {
            from = RSTART
            to = RSTART + RLENGTH
            result = result in_font(substr(rest, 1, from - 1), "eventure_[a-z0-9_]+", "B")
            result = result "\\fI" escape(substr(rest, from + 1, to - from - 2)) "\\fR"
            rest = substr(rest, to)
        }
        result = result in_font(rest, "eventure_[a-z0-9_]+", "B")
    }
    return protect(unbroken(result))
}

function emit(line)
{
    page = page line "\n"
}

# A paragraph, one sentence a line.
function emit_prose(text,    next_at)
{
    text = flat(text)
    while (match(text, /[.!?][])"]* /))
    {
        next_at = RSTART + RLENGTH
        emit(markup(substr(text, 1, next_at - 2)))
        text = substr(text, next_at)
    }
    if (text != "")
        emit(markup(text))
}

# The first sentence of a comment, without its point.
function summary(doc,    text)
{
    text = doc
    sub(/\n[ \t]*(\n|@).*/, "", text)
    text = flat(text)
    if (match(text, /[.] /))
        text = substr(text, 1, RSTART - 1)
    sub(/[.]$/, "", text)
    return text
}

# Ends the list that is open, and the paragraph.
function close_block()
{
    if (prose != "")
        emit_prose(prose)
    prose = ""
}

function close_list()
{
    close_block()
    if (list != "")
        emit(".El")
    list = ""
}

# Begins a paragraph: a .Pp only where something precedes it.
function begin_paragraph()
{
    if (begun)
        emit(".Pp")
    begun = 1
}

# The whole of a comment. `lead`: the page has text before it in this section.
function emit_doc(doc, lead,    lines, count, i, line, code)
{
    count = split(doc, lines, "\n")
    begun = lead
    list = ""
    prose = ""
    code = 0
    for (i = 1; i <= count; i++)
    {
        line = lines[i]
        if (code)
        {
            if (line ~ /^ *@endcode/)
            {
                emit(".Ed")
                code = 0
            }
            else
                emit(protect(escape(line)))
            continue
        }
        if (line ~ /^ *@code/)
        {
            close_list()
            emit(".Bd -literal -offset indent")
            code = 1
            begun = 1
        }
        else if (line ~ /^ *@param/)
        {
            close_block()
            if (list != "param")
            {
                close_list()
                emit(".Bl -tag -width 4n")
                list = "param"
                begun = 1
            }
            sub(/^ *@param(\[[a-z,]*\])? +/, "", line)
            emit(".It Fa " quote_names(line))
            sub(/^[^ ]+ */, "", line)
            prose = line
        }
        else if (line ~ /^ *@returns? /)
        {
            close_list()
            begin_paragraph()
            sub(/^ *@returns? +/, "", line)
            prose = "Returns: " line
        }
        else if (line ~ /^ *@/ && line !~ /^ *@(on|setup)/)
            fail("a command of Doxygen that is not known here: " line)
        else if (line ~ /^ *- /)
        {
            close_block()
            if (list != "bullet")
            {
                close_list()
                emit(".Bl -bullet")
                list = "bullet"
                begun = 1
            }
            emit(".It")
            sub(/^ *- +/, "", line)
            prose = line
        }
        else if (line ~ /^ *$/)
        {
            close_list()
        }
        else
        {
            if (prose == "" && list == "")
                begin_paragraph()
            prose = prose "\n" line
        }
    }
    close_list()
}

# The names that a @param line begins with, `a` or `a,b`.
function quote_names(line,    names)
{
    names = line
    sub(/ .*/, "", names)
    names = quote(names)
    gsub(/,/, "\" , Fa \"", names)
    return names
}

# A comment without its marks and the leading stars of its lines.
function comment_text(text,    lines, count, i, line, result)
{
    sub(/^\/\*+<?/, "", text)
    sub(/\*+\/[ \t]*$/, "", text)
    count = split(text, lines, "\n")
    result = ""
    for (i = 1; i <= count; i++)
    {
        line = lines[i]
        sub(/^[ \t]*\*( |$)/, "", line)
        if (i == 1 || line ~ /^ +[^ ]/ && count == 1)
            sub(/^ +/, "", line)
        sub(/[ \t]+$/, "", line)
        result = result (i > 1 ? "\n" : "") line
    }
    sub(/^\n+/, "", result)
    sub(/\n+$/, "", result)
    return result
}

# Text without comments and without the insides of string literals.
function strip_comments(text,    result, end)
{
    result = ""
    while (match(text, /\/\*|\/\/|"/))
    {
        result = result substr(text, 1, RSTART - 1)
        text = substr(text, RSTART)
        if (substr(text, 1, 1) == "\"")
        {
            if (!match(text, /^"([^"\\]|\\.)*"/))
                return result
            result = result "\"\""
            text = substr(text, RLENGTH + 1)
            continue
        }
        if (substr(text, 1, 2) == "//")
            end = index(text, "\n")
        else
        {
            end = index(text, "*/")
            end = end ? end + 1 : 0
        }
        if (!end)
            return result
        text = substr(text, end + 1)
    }
    return result text
}

function count_of(text, char,    copy)
{
    copy = text
    return gsub(char == "{" ? "[{]" : "[}]", "", copy)
}

# A new page for a name, which includes the page of the header.
function link_page(name)
{
    if (name in link_of)
        return
    link_of[name] = page_name
}

function begin_header(    name)
{
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.in$/, "", name)
    header = name
    page_name = "eventure_" name
    headers[++header_count] = header
    doc = ""
    mode = ""
    skip = 0
    depth_if = 0
    functions = ""
    types = ""
    macros = ""
    synopsis = ""
    page = ""
    has_doc = 0
}

# A function: its entry in the synopsis, its section, its link.
function add_function(text,    name, before, arguments, rest, i, c, depth, argument, save)
{
    sub(/[{].*/, "", text)
    gsub(/EVENTURE_API |static inline |extern /, "", text)
    text = flat(text)
    sub(/;$/, "", text)
    if (!match(text, /[A-Za-z_][A-Za-z0-9_]* *\(/))
        fail("a declaration that is not understood: " text)
    before = trim(substr(text, 1, RSTART - 1))
    name = substr(text, RSTART, RLENGTH)
    sub(/ *\($/, "", name)
    rest = substr(text, RSTART + RLENGTH)
    if (name in function_summary)
        fail(name " is declared twice")
    function_names[header] = function_names[header] " " name
    function_summary[name] = summary(doc)

    save = page
    page = ""
    emit(".Ft " quote(before))
    emit(".Fo " name)
    depth = 0
    argument = ""
    for (i = 1; i <= length(rest); i++)
    {
        c = substr(rest, i, 1)
        if (c == "(")
            depth++
        else if (c == ")" && depth-- == 0)
            break
        if (c == "," && depth == 0)
        {
            emit(".Fa " quote(trim(argument)))
            argument = ""
        }
        else
            argument = argument c
    }
    emit(".Fa " quote(trim(argument)))
    emit(".Fc")
    synopsis = synopsis page
    arguments = page
    page = ""
    emit(".Ss " name)
    page = page arguments
    emit_doc(doc, 1)
    functions = functions page
    page = save
    link_page(name)
    doc = ""
}

# What a struct or an enum contains, as a list. text: from the first brace to the last, comments included.
function emit_members(text, is_enum,    entry_count, entries, comments, depth, opened, pending, piece, end, i, kind, name)
{
    gsub(/\n#[^\n]*/, "", text)
    entry_count = 0
    depth = 0
    pending = ""
    while ((text = trim(text)) != "")
    {
        if (text ~ /^\/\*/)
        {
            end = index(text, "*/") + 1
            piece = substr(text, 1, end)
            text = substr(text, end + 1)
            if (piece ~ /^\/\*\*</)
                comments[last] = comment_text(piece)
            else if (piece ~ /^\/\*\*/)
                pending = comment_text(piece)
            continue
        }
        if (text ~ /^[}]/)
        {
            # The end of a nested struct or union: its name belongs before those of its members.
            match(text, /^[}][^;]*;?/)
            piece = substr(text, 2, RLENGTH - 1)
            text = substr(text, RLENGTH + 1)
            sub(/;$/, "", piece)
            name = trim(piece)
            if (depth == 0)
                fail("a brace too many in " header)
            last = opened[depth--]
            if (name != "")
            {
                entries[last] = entries[last] " " name
                for (i = last + 1; i <= entry_count; i++)
                    if (!sub(/\(\*/, "(*" name ".", entries[i]))
                        sub(/[A-Za-z0-9_.]+(\[[^]]*\])*$/, name ".&", entries[i])
            }
            continue
        }
        match(text, is_enum ? "^[^,{}]*" : "^[^;{}]*")
        piece = substr(text, 1, RLENGTH)
        if ((end = index(piece, "/*")) > 0)
        {
            piece = substr(piece, 1, end - 1)
            kind = ""
            text = substr(text, end)
        }
        else
        {
            kind = substr(text, RLENGTH + 1, 1)
            text = substr(text, RLENGTH + 2)
        }
        last = ++entry_count
        entries[last] = flat(piece)
        comments[last] = pending
        pending = ""
        if (kind == "{")
            opened[++depth] = last
        else if (kind == "}")
            text = "}" text
    }
    emit(".Bl -tag -width 4n")
    for (i = 1; i <= entry_count; i++)
    {
        emit((is_enum ? ".It Dv " : ".It Va ") quote(entries[i]))
        emit_prose(comments[i])
    }
    emit(".El")
}

# A typedef, struct, union or enum.
function add_type(raw, bare,    text, name, from, to, i, save)
{
    text = flat(bare)
    if (doc == "" && text ~ /^(struct|union|enum) [A-Za-z0-9_]+;$/)
        return
    save = page
    page = ""
    from = index(bare, "{")
    if (from)
    {
        # From the first brace to the last, of the text with comments.
        name = text
        sub(/.*[}] */, "", name)
        sub(/;$/, "", name)
        if (name == "" && match(text, /^(struct|union|enum) [A-Za-z_][A-Za-z0-9_]*/))
        {
            name = substr(text, RSTART, RLENGTH)
            sub(/.* /, "", name)
        }
        for (to = length(raw); to > 0 && substr(raw, to, 1) != "}"; to--)
            continue
        emit(".Ss " (name != "" ? (text ~ /^(typedef )?enum/ ? "enum " : text ~ /union/ && text !~ /struct/ ? "union " : "struct ") name : "Constants"))
        emit_doc(doc, 0)
        emit_members(substr(raw, index(raw, "{") + 1, to - index(raw, "{") - 1), text ~ /^(typedef )?enum/)
    }
    else if (text ~ /^typedef /)
    {
        name = text
        if (match(text, /\(\*[A-Za-z0-9_]+\)/))
            name = substr(text, RSTART + 2, RLENGTH - 3)
        else
        {
            sub(/(\[[^]]*\])?;$/, "", name)
            sub(/.*[ *]/, "", name)
        }
        emit(".Ss " name)
        emit(".Vt " quote(text))
        emit_doc(doc, 1)
    }
    else
        fail("a declaration that is not understood: " text)
    types = types page
    page = save
    if (name != "")
        link_page(name)
    doc = ""
}

function add_macro(text,    name, value, save)
{
    if (doc == "")
        return
    text = flat(text)
    sub(/^# *define /, "", text)
    name = text
    if (match(text, /^[A-Za-z0-9_]+\([^)]*\)/))
        name = substr(text, 1, RLENGTH)
    else
        sub(/ .*/, "", name)
    value = trim(substr(text, length(name) + 1))
    if (name in macro_seen)
        return
    macro_seen[name] = 1
    save = page
    page = ""
    emit(".Ss " name)
    if (name !~ /\(/ && value != "" && value !~ /[{]|__attribute__/)
    {
        emit(".Li " quote("#define " name " " value))
        emit_doc(doc, 1)
    }
    else
        emit_doc(doc, 0)
    macros = macros page
    page = save
    if (name ~ /\(/)
    {
        sub(/\(.*/, "", name)
        link_page(name)
    }
    doc = ""
}

function head(title, about)
{
    emit(".\\\" Made from the header by cmake/headers2man.awk: do not edit.")
    emit(".Dd " date)
    emit(".Dt " title " 3")
    emit(".Os Eventure " version)
    emit(".Sh NAME")
    emit(".Nm " page_name)
    emit(".Nd " escape(about))
    emit(".Sh SYNOPSIS")
    emit(".In eventure/" header)
}

# Writes the page of the header that was read.
function end_header(    i, names, count, sorted, list_text)
{
    if (header == "")
        return
    if (mode != "")
        fail("the header ends within a " mode)
    if (!has_doc)
        fail("no comment with @file")
    header_summary[header] = summary(header_doc)
    # What includes everything has no page of its own: it is the overview.
    if (header != "eventure.h")
    {
        head(toupper(page_name), summary(header_doc))
        page = page synopsis
        emit(".Sh DESCRIPTION")
        emit_doc(header_doc, 0)
        if (functions != "")
            page = page ".Sh FUNCTIONS\n" functions
        if (types != "")
            page = page ".Sh TYPES\n" types
        if (macros != "")
            page = page ".Sh MACROS\n" macros
        emit(".Sh SEE ALSO")
        list_text = ".Xr eventure 3"
        count = split(included, names, " ")
        for (i = 1; i <= count; i++)
            if (names[i] != header && names[i] != "eventure.h")
                list_text = list_text " ,\n.Xr eventure_" names[i] " 3"
        emit(list_text)
        printf "%s", page > (output "/" page_name ".3")
        close(output "/" page_name ".3")
    }
    header = ""
}

# The list of headers, each with its functions, for the overview.
function headers_list(    i, j, count, names, result)
{
    page = ""
    for (i = 1; i <= header_count; i++)
    {
        if (headers[i] == "eventure.h")
            continue
        emit(".Ss " headers[i])
        emit_prose(header_summary[headers[i]] ".")
        emit("See")
        emit(".Xr eventure_" headers[i] " 3 .")
        count = split(function_names[headers[i]], names, " ")
        if (count == 0)
            continue
        emit(".Bl -tag -width 4n -compact")
        for (j = 1; j <= count; j++)
        {
            emit(".It Fn " names[j])
            emit_prose(function_summary[names[j]] ".")
        }
        emit(".El")
    }
    result = page
    page = ""
    return result
}

FNR == 1 {
    end_header()
    template = FILENAME ~ /\.3\.in$/
    if (template)
    {
        template_name = FILENAME
        sub(/.*\//, "", template_name)
        sub(/\.in$/, "", template_name)
        templates[++template_count] = template_name
    }
    else
    {
        begin_header()
        included = ""
    }
}

template {
    template_text[template_name] = template_text[template_name] $0 "\n"
    next
}

{
    sub(/[ \t\r]+$/, "")
}

# What only C++ sees.
/^# *if/ {
    if (skip)
        skip++
    else if ($0 ~ /^# *ifdef +__cplusplus/)
        skip = 1
    if (mode != "declaration")
        next
}

/^# *else/ && skip == 1 {
    skip = 0
    next
}

/^# *endif/ && skip {
    skip--
    next
}

skip {
    next
}

mode == "comment" {
    comment = comment "\n" $0
    if ($0 !~ /\*\//)
        next
    mode = ""
    if (comment ~ /^\/\*\*/)
        take_comment()
    next
}

mode == "define" {
    line = $0
    continued = sub(/ *\\$/, "", line)
    text = text " " line
    if (!continued)
    {
        mode = ""
        add_macro(text)
    }
    next
}

mode == "" && /^# *include +<eventure\// {
    line = $0
    sub(/.*<eventure\//, "", line)
    sub(/>.*/, "", line)
    included = included " " line
    next
}

mode == "" && /^# *define/ {
    line = $0
    continued = sub(/ *\\$/, "", line)
    text = line
    if (continued)
        mode = "define"
    else
        add_macro(text)
    next
}

mode == "" && (/^#/ || /^ *$/ || /^extern "C"/ || /^}$/) {
    next
}

mode == "" && /^\/\*/ {
    comment = $0
    if ($0 ~ /\*\//)
    {
        if (comment ~ /^\/\*\*/)
            take_comment()
    }
    else
        mode = "comment"
    next
}

mode == "" && /^\/\// {
    next
}

{
    declaration = (mode == "declaration" ? declaration "\n" : "") $0
    mode = "declaration"
    bare = strip_comments(declaration)
    opened_braces = count_of(bare, "{")
    if (opened_braces != count_of(bare, "}"))
        next
    # A function's body ends with its brace; anything else with a semicolon.
    if (bare !~ /;[ \n]*$/ && !(bare ~ /^static inline/ && opened_braces > 0 && bare ~ /[}][ \n]*$/))
        next
    # A comment that follows the last member may reach over several lines.
    if (declaration ~ /\/\*[^\n]*$/ && declaration !~ /\*\/[^\n]*$/)
        next
    mode = ""
    if (bare ~ /^static inline/ || (bare ~ /EVENTURE_API/ && bare ~ /\(/))
        add_function(bare)
    else
        add_type(declaration, bare)
}

function take_comment()
{
    comment = comment_text(comment)
    if (comment ~ /^ *@file/)
    {
        sub(/^ *@file *\n?/, "", comment)
        header_doc = comment
        has_doc = 1
    }
    else
        doc = comment
}

END {
    if (failed)
        exit 1
    end_header()
    if (failed)
        exit 1
    for (name in link_of)
    {
        print ".so man3/" link_of[name] ".3" > (output "/" name ".3")
        close(output "/" name ".3")
    }
    list_of_headers = headers_list()
    for (i = 1; i <= template_count; i++)
    {
        file = output "/" templates[i]
        count = split(template_text[templates[i]], lines, "\n")
        for (j = 1; j < count; j++)
        {
            line = lines[j]
            if (line == "@HEADERS@")
            {
                printf "%s", list_of_headers > file
                continue
            }
            gsub(/@DATE@/, date, line)
            gsub(/@VERSION@/, version, line)
            print line > file
        }
        close(file)
    }
}
