# Completion of callq in bash. It asks callq how the line may go on.

# The word without its quotes and backslashes, as `plain`.
_callq_unquote() {
    plain=$1
    [[ $plain == [\"\']* ]] && plain=${plain:1}
    [[ $1 == ?*[\"\'] && $1 != *\\? ]] && plain=${plain%?}
    plain=${plain//\\/}
}

_callq() {
    local cur=${COMP_WORDS[COMP_CWORD]} kind= word plain quote= before=()
    COMPREPLY=()
    # bash makes a word of the sign in --flag=value.
    [[ $cur == = ]] && cur=
    [[ $cur == [\"\']* ]] && quote=${cur:0:1}
    _callq_unquote "$cur"
    cur=$plain
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        _callq_unquote "$word"
        [[ $word == = ]] || before+=("$plain")
    done
    while IFS= read -r word; do
        if [[ -z $kind ]]; then
            kind=$word
        else
            word=${word%%$'\t'*}
            # Behind an open quote bash takes a word as it is.
            [[ -z $quote && $word == *[![:alnum:]_./,=:@%+-]* ]] && printf -v word %q "$word"
            COMPREPLY+=("$word")
        fi
    done < <("$1" complete "--current=$cur" -- "${before[@]}" 2>/dev/null)
    if [[ $kind == files ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r word; do
            COMPREPLY+=("$word")
        done < <(compgen -f -- "$cur")
    fi
}

complete -F _callq callq
