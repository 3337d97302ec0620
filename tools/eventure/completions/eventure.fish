# Completion of eventure for fish: the program itself says what fits.

function __eventure_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (eventure --complete $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path $current
        else
            echo $line
        end
    end
end

complete -c eventure -f -a '(__eventure_complete)'
