# Completion of callq in bash. It asks callq how the line may go on.
_callq() {
    local cur=${COMP_WORDS[COMP_CWORD]} kind= word before=()
    COMPREPLY=()
    # bash makes a word of the sign in --flag=value.
    [[ $cur == = ]] && cur=
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == = ]] || before+=("$word")
    done
    while IFS= read -r word; do
        if [[ -z $kind ]]; then
            kind=$word
        else
            word=${word%%$'\t'*}
            [[ $word == *[![:alnum:]_./,=:@%+-]* ]] && printf -v word %q "$word"
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
