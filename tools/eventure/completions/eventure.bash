# Completion of eventure for bash: the program itself says what fits.

_eventure()
{
    local IFS=$'\n' line candidate current=${COMP_WORDS[COMP_CWORD]} joined=() last part before
    local -a words=()
    # bash takes --option=value apart at the =; it is put together again.
    for ((part = 1; part <= COMP_CWORD; part++)); do
        last=${#words[@]}
        if ((last > 0)) && { [[ ${COMP_WORDS[part]} == = ]] || [[ ${words[last - 1]} == --*= ]]; }; then
            words[last - 1]+=${COMP_WORDS[part]}
        else
            words+=("${COMP_WORDS[part]}")
        fi
    done
    # Words may be quoted, or begin with a tilde; the program wants them as they are meant.
    for part in "${!words[@]}"; do
        line=${words[part]}
        [[ $line == \~/* ]] && line=$HOME/${line#\~/}
        line=${line//\\ / }
        line=${line#[\"\']}
        joined+=("${line%[\"\']}")
    done
    last=$((${#words[@]} - 1))
    before=
    [[ ${words[last]} == --*=* && $current != --* ]] && before=${words[last]%%=*}=
    [[ $current == = ]] && current=
    COMPREPLY=()
    while IFS= read -r line; do
        candidate=${line%%$'\t'*}
        if [[ $candidate == :files ]]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r candidate; do
                COMPREPLY+=("$candidate")
            done < <(compgen -f -- "$current")
        elif [[ $current == [\"\']* ]]; then
            COMPREPLY+=("${candidate#"$before"}")
        else
            COMPREPLY+=("$(printf %q "${candidate#"$before"}")")
        fi
    done < <("${COMP_WORDS[0]}" --complete "${joined[@]}" 2>/dev/null)
}

complete -F _eventure eventure
