# Completion of callq in elvish. It asks callq how the line may go on.
use str

set edit:completion:arg-completer[callq] = {|@words|
    var lines = [(try {
        (external $words[0]) complete --current=$words[-1] -- $@words[1..-1] 2>/dev/null | from-lines
    } catch { nop })]
    if (== (count $lines) 0) {
        nop
    } elif (eq $lines[0] files) {
        edit:complete-filename $@words
    } else {
        for line $lines[1..] {
            var word about = (str:split "\t" $line)
            if (eq $about '') {
                edit:complex-candidate $word
            } else {
                edit:complex-candidate $word &display=$word' ('$about')'
            }
        }
    }
}
