function Export-CertPropReport {
    # .EXTERNALHELP ../CertProp-help.xml
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
