function Export-CertPropReport {
    <#
    .SYNOPSIS
    Makes a report, one HTML file, of certificates from smart cards that lie in profiles.

    .DESCRIPTION
    Counts the objects of Get-PropagatedCertificate by profile, card and age, and writes what it found as one HTML file: findings, two plots,
    and tables of profiles, cards and the certificates with a finding. The file needs nothing else, holds no script, and prints.

    Certificates are counted as they come; at most 500 of those with a finding are listed one by one. Objects that came through PowerShell
    remoting are told apart by computer. Warnings and errors in the pipeline (3>&1 2>&1) become a part of the report.

    An existing file is replaced, when the new one is complete.

    .PARAMETER Path
    The file to be written. Its folder has to exist.

    .PARAMETER InputObject
    The objects of Get-PropagatedCertificate, as they come, and its warnings and errors. Not its summaries, and nothing from CSV.

    .PARAMETER NoClobber
    Leaves an existing file as it is, with an error.

    .PARAMETER WhatIf
    Shows which file would be written, and writes none.

    .PARAMETER Confirm
    Asks before the file is written.

    .EXAMPLE
    Get-PropagatedCertificate -ProfilePath D:\Profiles\* | Export-CertPropReport -Path report.html

    Reports on the profiles of a file server.

    .EXAMPLE
    Get-PropagatedCertificate -ProfilePath D:\Profiles\* 3>&1 2>&1 | Export-CertPropReport -Path report.html

    Reports on the same profiles. What could not be read is told in the report instead of in the console.

    .EXAMPLE
    Invoke-Command -ComputerName (Get-Content servers.txt) { Get-PropagatedCertificate -ProfilePath D:\Profiles\* } | Export-CertPropReport -Path servers.html

    Reports on the profiles of many servers.

    .INPUTS
    CertProp.PropagatedCertificate

    .INPUTS
    System.Management.Automation.WarningRecord, System.Management.Automation.ErrorRecord

    .OUTPUTS
    None

    .LINK
    Get-PropagatedCertificate

    .LINK
    Remove-PropagatedCertificate
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType([void])]
    param(
        [Parameter(Position = 0, Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string]$Path,

        [Parameter(Mandatory, ValueFromPipeline)]
        [psobject]$InputObject,

        [switch]$NoClobber
    )

    begin {
        Use-CallerPreference -Cmdlet $PSCmdlet
        $file = Resolve-ReportPath -Cmdlet $PSCmdlet -Path $Path -NoClobber $NoClobber
        $tally = New-ReportTally
    }

    process {
        $failure = Get-ReportFailure -InputObject $InputObject
        if (Test-ReportCertificate -InputObject $InputObject) {
            Add-ReportCertificate -Tally $tally -Certificate $InputObject
        }
        elseif ($failure) {
            Add-ReportFailure -Tally $tally -Message $failure
        }
        else {
            $message = 'This object was left out of the report: it is not from Get-PropagatedCertificate, or was changed since. Pipe the objects as they come.'
            $PSCmdlet.WriteError((New-ErrorRecord -Id InvalidReportInput -Message $message -TargetObject $InputObject))
        }
    }

    end {
        if (-not $PSCmdlet.ShouldProcess($file, 'Write the report')) { return }
        $version = "$($MyInvocation.MyCommand.Module.Version)"
        try {
            Write-ReportFile -Path $file -Line (Get-ReportPage -Tally $tally -Version $version) -NoClobber $NoClobber
        }
        catch [System.IO.IOException], [System.UnauthorizedAccessException] {
            $message = "The report could not be written to '$file': $($_.Exception.GetBaseException().Message)"
            $PSCmdlet.ThrowTerminatingError((New-ErrorRecord -Id ReportNotWritten -Message $message -TargetObject $file))
        }
    }
}
