# Get-CertPropPolicy, on the fake engine.

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
    $folder = New-ModuleCopy
    Import-ModuleCopy -Folder $folder
}

AfterAll { Remove-ModuleCopy -Folder $folder }

Describe 'Get-CertPropPolicy' {
    It 'gives one object for each policy, with every property' {
        $policies = Get-CertPropPolicy -WarningAction SilentlyContinue
        $policies.Name | Should -Be 'CertPropEnabled', 'RootCertificateCleanupOption', 'X509HintsNeeded'
        $policies[0].PSObject.TypeNames[0] | Should -Be 'CertProp.Policy'
        foreach ($policy in $policies) {
            $policy.PSObject.Properties.Name | Should -Be 'Name', 'Value', 'Effective', 'Source', 'Path', 'Description'
        }
        $policies[0].Value | Should -Be 0
        $policies[0].Effective | Should -Be 'Disabled'
        $policies[0].Source | Should -Be 'Registry'
        $policies[1].Value | Should -Be $null
        $policies[2].Value | Should -Be 'REG_SZ'
    }

    It 'shows them as a table' {
        $text = Get-CertPropPolicy -WarningAction SilentlyContinue | Out-String -Width 120
        $text | Should -Match '(?m)^Name +Value Effective +Source +Path *\r?$'
        $text | Should -Match '(?m)^CertPropEnabled +0 Disabled +Registry HKLM\\KEY *\r?$'
    }

    It 'warns of a value that means nothing' {
        $null = Get-CertPropPolicy -WarningVariable warned -WarningAction SilentlyContinue
        $warned.Message | Should -Be 'X509HintsNeeded means nothing'
    }

    It 'takes names and wildcards, and gives each policy once' {
        $names = 'x509*', 'certpropenabled', '*Enabled'
        (Get-CertPropPolicy -Name $names -WarningAction SilentlyContinue).Name | Should -Be 'CertPropEnabled', 'X509HintsNeeded'
        Get-CertPropPolicy -Name 'none*' -WarningAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'tells of a name that no policy has, and gives the others' {
        $given = Get-CertPropPolicy -Name 'Nothing', 'CertPropEnabled' -ErrorAction SilentlyContinue -ErrorVariable problem -WarningAction SilentlyContinue
        $given.Name | Should -Be 'CertPropEnabled'
        $problem.FullyQualifiedErrorId | Should -Be 'PolicyNotFound,Get-CertPropPolicy'
        $problem.TargetObject | Should -Be 'Nothing'
        $problem.Exception.Message | Should -BeLike '*RootCertificateCleanupOption*'
    }

    It 'completes names, with what each comes to, without a word of warning' {
        $line = 'Get-CertPropPolicy -Name x'
        $found = ([System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)).CompletionMatches
        $found.CompletionText | Should -Be 'X509HintsNeeded'
        $found.ToolTip | Should -Be 'Disabled: A sentence.'
    }
}
