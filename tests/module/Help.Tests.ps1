# What Get-Help shows agrees with the commands themselves. The help is built from docs/cmdlets by 'npm run build'.
BeforeDiscovery {
    $manifest = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'module', 'CertProp.psd1'))
    Remove-Module -Name CertProp -Force -ErrorAction Ignore
    Import-Module -Name $manifest
    $commands = @(Get-Command -Module CertProp | ForEach-Object { @{ Command = $_ } })
    $parameters = foreach ($command in $commands.Command) {
        $own = $command.Parameters.Values | Where-Object { $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters }
        $own | ForEach-Object { @{ Command = $command; Parameter = $_ } }
    }
    $examples = foreach ($command in $commands.Command) {
        foreach ($example in @((Get-Help -Name $command.Name).examples.example)) {
            @{ Command = $command; Title = $example.title.Trim('- '); Code = $example.code; Remarks = $example.remarks }
        }
    }
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
    Remove-Module -Name CertProp -Force -ErrorAction Ignore
    Import-Module -Name ([System.IO.Path]::Combine($script:moduleSource, 'CertProp.psd1'))

    # One line for a parameter in a parameter set: name, whether it is needed, and position.
    function Format-Usage {
        param([string]$Name, [bool]$Required, [string]$Position)
        "$Name $Required $Position"
    }

    function Get-Position {
        param([int]$Position)
        if ($Position -eq [int]::MinValue) { 'named' } else { [string]$Position }
    }
}

Describe 'The help of <Command.Name>' -ForEach $commands {
    BeforeAll { $help = Get-Help -Name $Command.Name -Full }

    It 'has a synopsis, a description and examples' {
        $help.Synopsis | Should -Match '^[A-Z].*\.$'
        $help.description.Text | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
    }

    It 'describes its parameters and no others' {
        $own = $Command.Parameters.Keys | Where-Object { $_ -notin [System.Management.Automation.Cmdlet]::CommonParameters }
        $help.parameters.parameter.name | Sort-Object | Should -BeExactly ($own | Sort-Object)
    }

    It 'shows the syntax of each parameter set, the default one first' {
        $expected = foreach ($set in $Command.ParameterSets | Sort-Object { -not $_.IsDefault }) {
            $own = $set.Parameters | Where-Object { $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters }
            $usages = $own | ForEach-Object { Format-Usage -Name $_.Name -Required $_.IsMandatory -Position (Get-Position -Position $_.Position) }
            ($usages | Sort-Object) -join ', '
        }
        $shown = foreach ($item in $help.syntax.syntaxItem) {
            $usages = $item.parameter | ForEach-Object { Format-Usage -Name $_.name -Required ($_.required -eq 'true') -Position $_.position }
            ($usages | Sort-Object) -join ', '
        }
        @($shown)[0] | Should -BeExactly @($expected)[0]
        $shown | Sort-Object | Should -BeExactly ($expected | Sort-Object)
    }

    It 'names what it takes from the pipeline, and what it gives' {
        $isPiped = $Command.Parameters.Values.Attributes.Where({ $_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName }).Count -gt 0
        $inputs = @($help.inputTypes.inputType.type.name)
        ($inputs -join ' ') -ne 'None' | Should -Be $isPiped
        $given = $Command.OutputType | ForEach-Object { if ($_.Type) { $_.Type.FullName } else { $_.Name } }
        $help.returnValues.returnValue.type.name | Should -BeExactly ($given -replace '^System\.Void$', 'None')
    }

    It 'leads to commands and topics that exist, and to no page on the internet' {
        foreach ($link in $help.relatedLinks.navigationLink) {
            Get-Help -Name $link.linkText | Should -Not -BeNullOrEmpty
            $link.uri | Should -BeNullOrEmpty
        }
        { Get-Help -Name $Command.Name -Online -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOperation,Microsoft.PowerShell.Commands.GetHelpCommand'
    }
}

Describe 'The help of -<Parameter.Name> of <Command.Name>' -ForEach $parameters {
    BeforeAll {
        $help = Get-Help -Name $Command.Name -Parameter $Parameter.Name
        $attributes = @($Parameter.Attributes)
        $uses = @($attributes | Where-Object { $_ -is [System.Management.Automation.ParameterAttribute] })
    }

    It 'says what it is for' {
        $help.description.Text | Should -Not -BeNullOrEmpty
    }

    It 'shows the facts that the command has' {
        $ways = @(
            if ($uses.ValueFromPipeline -contains $true) { 'ByValue' }
            if ($uses.ValueFromPipelineByPropertyName -contains $true) { 'ByPropertyName' }
        )
        $pipelineInput = 'False'
        if ($ways) { $pipelineInput = "True ($($ways -join ', '))" }
        $aliases = 'none'
        if ($Parameter.Aliases.Count -gt 0) { $aliases = $Parameter.Aliases -join ', ' }

        $help.type.name -as [type] | Should -Be $Parameter.ParameterType
        $help.required -eq 'true' | Should -Be ($uses.Mandatory -contains $true)
        $help.position | Should -Be (Get-Position -Position $uses[0].Position)
        $help.pipelineInput | Should -BeExactly $pipelineInput
        $help.aliases | Should -BeExactly $aliases
        $help.globbing -eq 'true' | Should -Be (@($attributes | Where-Object { $_ -is [System.Management.Automation.SupportsWildcardsAttribute] }).Count -gt 0)
    }

    It 'shows the default value and the accepted values of the script' {
        $default = 'None'
        if ($Parameter.SwitchParameter) { $default = 'False' }
        $written = $Command.ScriptBlock.Ast.Body.ParamBlock.Parameters | Where-Object { $_.Name.VariablePath.UserPath -eq $Parameter.Name }
        if ($written.DefaultValue) { $default = $written.DefaultValue.SafeGetValue() }
        $help.defaultValue | Should -BeExactly $default

        $accepted = $attributes | Where-Object { $_ -is [System.Management.Automation.ValidateSetAttribute] }
        if ($accepted) {
            $usage = @((Get-Help -Name $Command.Name).syntax.syntaxItem.parameter | Where-Object { $_.name -eq $Parameter.Name })[0]
            $usage.parameterValueGroup.parameterValue | Should -BeExactly $accepted.ValidValues
        }
    }
}

Describe '<Title> of <Command.Name>' -ForEach $examples {
    BeforeAll {
        $problems = $null
        $tree = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref]$null, [ref]$problems)
        $calls = @($tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true))
    }

    It 'is PowerShell, uses its cmdlet, and is explained' {
        $problems | Should -BeNullOrEmpty
        $calls | ForEach-Object { $_.GetCommandName() } | Should -Contain $Command.Name
        ($Remarks.Text -join '').Trim() | Should -Not -BeNullOrEmpty
    }

    It 'uses commands and parameters that exist' {
        foreach ($call in $calls) {
            $known = Get-Command -Name $call.GetCommandName() -ErrorAction Stop
            $names = @($known.Parameters.Keys) + @($known.Parameters.Values.Aliases)
            foreach ($element in $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                $names | Should -Contain $element.ParameterName
            }
        }
    }
}

Describe 'Get-Help' {
    It 'shows everything with -Full' {
        $shown = Get-Help -Name Get-CardCertificate -Full | Out-String -Width 300
        $parts = 'NAME', 'SYNOPSIS', 'SYNTAX', 'DESCRIPTION', 'PARAMETERS', '-Pkcs11Module <string>', 'Accept wildcard characters?  true', 'INPUTS', 'OUTPUTS', 'CertProp.CardCertificate', 'Example 1: ', 'RELATED LINKS'
        foreach ($part in $parts) { $shown | Should -BeLike "*$part*" }
    }

    It 'shows each example with its explanation with -Examples' {
        $shown = Get-Help -Name Test-CertPropagation -Examples | Out-String -Width 300
        $shown | Should -BeLike '*Example 1: *Test-CertPropagation | Where-Object Status -eq Failed | Format-List*Shows what is wrong*Example 2: *'
    }

    It 'finds it for users of another language, in a session that has not looked yet' {
        $powershell = [powershell]::Create()
        try {
            $null = $powershell.AddScript({
                    param($Manifest)
                    [System.Threading.Thread]::CurrentThread.CurrentUICulture = 'de-DE'
                    Import-Module -Name $Manifest
                    [cultureinfo]::CurrentUICulture.Name
                    (Get-Help -Name Get-SmartCard).Synopsis
                }.ToString()).AddArgument([System.IO.Path]::Combine($script:moduleSource, 'CertProp.psd1'))
            $powershell.Invoke() | Should -Be 'de-DE', 'Lists smart card readers and the cards in them.'
        }
        finally {
            $powershell.Dispose()
        }
    }
}

Describe 'The about topic' {
    It 'of troubleshooting is found' {
        (Get-Help -Name about_CertProp_Troubleshooting) -join "`n" | Should -BeLike '*0x8009200B*'
    }

    It 'is found' {
        (Get-Help -Name about_CertProp) -join "`n" | Should -BeLike '*Smart card certificate propagation on demand*'
    }

    It 'names every cmdlet' {
        $topic = (Get-Help -Name about_CertProp) -join "`n"
        foreach ($command in Get-Command -Module CertProp) { $topic | Should -BeLike "*$($command.Name) *" }
    }

    It 'says why private keys are not at risk' {
        (Get-Help -Name about_CertProp) -join "`n" | Should -BeLike '*no private key at risk*no command that gives it out*'
    }
}
