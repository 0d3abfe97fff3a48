# Completion of callq in fish. It asks callq how the line may go on.
function __callq_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    # Without quotes and backslashes; fish puts back what a word needs.
    set -l plain (string unescape -- $current 2>/dev/null; or string replace -r -- '^["\']' '' $current)
    test -n "$plain"; and set current $plain
    set -l lines ($before[1] complete "--current=$current" -- $before[2..-1] 2>/dev/null)
    if test "$lines[1]" = files
        if string match -q -- '--*=*' $current
            set -l flag (string replace -r -- '=.*' '=' $current)
            for file in (__fish_complete_path (string replace -r -- '^[^=]*=' '' $current))
                echo $flag$file
            end
        else
            __fish_complete_path $current
        end
    else
        string join -- \n $lines[2..-1]
    end
end

complete -c callq -f -k -a '(__callq_complete)'
