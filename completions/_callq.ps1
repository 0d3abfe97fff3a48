# Completion of callq in PowerShell. It asks callq how the line may go on.
Register-ArgumentCompleter -Native -CommandName 'callq' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_.Value -is [string]) { $_.Value } else { $_.Extent.Text } })
    $program = $commandAst.CommandElements[0].Extent.Text
    $before = @($words | Select-Object -Skip 1)
    $lines = @(& $program complete "--current=$wordToComplete" '--' @before 2>$null)
    if ($lines.Count -eq 0) { return }
    if ($lines[0] -eq 'files') {
        [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
        return
    }
    $lines | Select-Object -Skip 1 | ForEach-Object {
        $word, $about = $_ -split "`t", 2
        if (-not $about) { $about = $word }
        $text = if ($word -match '[^\w./,=:@%+-]') { "'" + $word.Replace("'", "''") + "'" } else { $word }
        [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $about)
    }
}
