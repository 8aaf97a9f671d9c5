# The main job on a virtual card, through the cmdlets. The PIN is the virtual card's own and no secret.
param(
    [Parameter(Mandatory)][string]$ModulePath,
    [Parameter(Mandatory)][string]$CardFile,
    [Parameter(Mandatory)][string]$CardSlot,
    [Parameter(Mandatory)][string]$DemoPin,
    [Parameter(Mandatory)][string]$StorePath
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module $ModulePath

function Show-Step {
    param([string]$Title, [scriptblock]$Command)

    Write-Host ''
    Write-Host "== $Title"
    Write-Host "PS> $("$Command".Trim().Replace('$StorePath', '.\demo'))"
    & $Command | Out-String -Width 160 | Write-Host
}

Write-Host "CertProp with a virtual GIDS card, and a store in the temporary folder $StorePath."

Write-Host ''
Write-Host '== Insert the card'
Copy-Item $CardFile $CardSlot

Show-Step 'List its certificates' { Get-CardCertificate }
Show-Step 'List its roots' { Get-CardCertificate -Root }
Show-Step 'Plan' { Invoke-CertPropagation -StorePath $StorePath -WhatIf }
Show-Step 'Propagate' { Invoke-CertPropagation -StorePath $StorePath }
Show-Step 'Propagate again' { Get-CardCertificate | Invoke-CertPropagation -StorePath $StorePath }

$cardPin = ConvertTo-SecureString $DemoPin -AsPlainText -Force
Show-Step 'Raise the cache counters' { Set-CardCacheCounter -Reader * -Increment File -Pin $cardPin }
Show-Step 'Take it back' { Remove-PropagatedCertificate -Reader * -StorePath $StorePath -Confirm:$false }
Show-Step 'Take back the root' { Remove-PropagatedCertificate -Root -StorePath $StorePath -Confirm:$false }

Remove-Module CertProp
