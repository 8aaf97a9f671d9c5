# Nothing before this line: in another language mode everything else fails with messages that help nobody.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    throw "CertProp needs PowerShell's FullLanguage mode, but this session runs in $($ExecutionContext.SessionState.LanguageMode) mode (an application control policy does this). Sign the module with a certificate that the policy trusts, or run it in another session."
}

Set-StrictMode -Version Latest

foreach ($folder in 'private', 'public') {
    foreach ($file in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) {
        . $file
    }
}

foreach ($command in 'Add-CardCertificate', 'Get-CardCacheItem', 'Get-CardCertificate', 'Get-PropagatedCertificate', 'Get-SmartCard', 'Invoke-CertPropagation', 'Remove-CardCertificate', 'Remove-PropagatedCertificate', 'Set-CardCacheCounter', 'Test-CertPropagation', 'Watch-CertPropagation') {
    Register-ArgumentCompleter -CommandName $command -ParameterName Reader -ScriptBlock {
        param($CommandName, $ParameterName, $WordToComplete)
        Complete-ReaderName -WordToComplete $WordToComplete
    }
}

Register-ArgumentCompleter -CommandName 'Get-CertPropPolicy' -ParameterName Name -ScriptBlock {
    param($CommandName, $ParameterName, $WordToComplete)
    Complete-PolicyName -WordToComplete $WordToComplete -WarningAction SilentlyContinue
}

$ExecutionContext.SessionState.Module.OnRemove = { Stop-Engine }

Export-ModuleMember -Function 'Add-CardCertificate', 'Export-CertPropReport', 'Get-CardCacheItem', 'Get-CardCertificate', 'Get-CertPropPolicy', 'Get-PropagatedCertificate', 'Get-SmartCard', 'Invoke-CertPropagation', 'Remove-CardCertificate', 'Remove-PropagatedCertificate', 'Restore-PropagatedCertificate', 'Set-CardCacheCounter', 'Test-CertPropagation', 'Watch-CertPropagation'
