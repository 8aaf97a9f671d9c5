# Export-CertPropReport: what the report says of its objects, that nothing from outside becomes HTML, and how the file is written.

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
    Import-ModuleCopy -Folder $script:moduleSource
    $folder = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), "certprop-report-$([guid]::NewGuid().ToString('N'))")
    $null = New-Item -ItemType Directory -Path $folder
    $file = [System.IO.Path]::Combine($folder, 'report.html')
    $now = [datetime]::Now

    # A CertProp.PropagatedCertificate, valid, on its card and without a finding unless told otherwise.
    function New-Certificate {
        param([hashtable]$With = @{})
        $properties = [ordered]@{
            PSTypeName    = 'CertProp.PropagatedCertificate'
            Thumbprint    = '0123456789ABCDEF0123456789ABCDEF01234567'
            Subject       = 'CN=Ada Example'
            Issuer        = 'CN=Example CA'
            SerialNumber  = '01'
            NotBefore     = $now.AddDays(-400)
            NotAfter      = $now.AddDays(400)
            Upn           = 'ada@example.com'
            Evidence      = 'Mark'
            LinkState     = 'Linked'
            IsOnCard      = $true
            IsExpired     = $false
            IsForeignUser = $false
            ReaderName    = 'Reader 0'
            CardId        = 'A1'
            Provider      = $null
            Container     = $null
            PropagatedAt  = $now.AddDays(-300)
            StoreName     = 'My'
            StorePath     = $null
            StoreLocation = $null
            StoreProvider = $null
            ProfilePath   = 'C:\Users\ada'
            ProfileUser   = 'ada'
        }
        foreach ($name in $With.Keys) { $properties[$name] = $With[$name] }
        [pscustomobject]$properties
    }

    # The report on objects, parsed: it is well-formed XML, so that no text in it can have become an element.
    function Get-Report {
        param([object[]]$InputObject)
        $InputObject | Export-CertPropReport -Path $file
        [xml][System.IO.File]::ReadAllText($file)
    }

    function Get-Row {
        param([xml]$Report, [string]$Table)
        foreach ($row in $Report.SelectNodes("//table[@id='$Table']/tbody/tr")) {
            ($row.SelectNodes('td') | ForEach-Object { $_.InnerText }) -join '|'
        }
    }

    function Get-Finding {
        param([xml]$Report)
        foreach ($item in $Report.SelectNodes("//ul[@class='findings']/li")) { ($item.ChildNodes | ForEach-Object { $_.InnerText }) -join ' ' }
    }

    # Label and value of each bar.
    function Get-Bar {
        param([xml]$Report, [string]$Plot)
        $bars = $Report.SelectNodes("//*[local-name()='svg'][@aria-labelledby='$Plot-title $Plot-text']/*[@class='bar']")
        foreach ($bar in $bars) { ($bar.SelectNodes('text') | ForEach-Object { $_.InnerText }) -join '|' }
    }
}

AfterAll {
    Remove-Module -Name CertProp -Force -ErrorAction Ignore
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'A report' {
    It 'begins with totals and says the findings in words' {
        $report = Get-Report @(
            New-Certificate
            New-Certificate @{ IsExpired = $true; IsForeignUser = $true; IsOnCard = $false; ProfilePath = 'C:\Users\bob' }
            New-Certificate @{ LinkState = 'Stale'; CardId = 'B2' }
            New-Certificate @{ IsOnCard = $null; CardId = $null; PropagatedAt = $null }
        )
        $report.SelectNodes('//dl/div') | ForEach-Object { "$($_.dt): $($_.dd)" } |
            Should -Be 'certificates: 4', 'with a finding: 2', 'profiles or stores: 2', 'cards known by id: 2'
        Get-Finding $report | Should -Be @(
            '1 expired Remove-PropagatedCertificate -Expired'
            '1 of another user than the profile''s Remove-PropagatedCertificate -ForeignUser'
            '1 on no inserted card Remove-PropagatedCertificate -NotOnCard'
            '1 with a stale link: the card keeps the key in another container Invoke-CertPropagation'
            '1 of 2 cards with certificates in more than one profile'
            '1 on a card or not: not every reader of their user could be seen and read'
            '1 without CertProp''s mark, such as those that Windows put there: their card is not known'
        )
    }

    It 'advises nothing where there is no finding' {
        Get-Finding (Get-Report (New-Certificate)) | Should -Not -Match 'Remove|Invoke|^[1-9]'
    }

    It 'has a row for each profile, the one with the most certificates first' {
        $report = Get-Report @(
            New-Certificate
            New-Certificate @{ ProfilePath = 'C:\Users\bob'; ProfileUser = 'bob'; IsForeignUser = $true; IsExpired = $true }
            New-Certificate @{ ProfilePath = 'C:\Users\bob'; ProfileUser = 'bob'; IsOnCard = $false; LinkState = 'Stale' }
        )
        Get-Row $report profiles | Should -Be 'C:\Users\bob|bob|2|1|1|1|1', 'C:\Users\ada|ada|1|0|0|0|0'
        $report.SelectNodes("//table[@id='profiles']/thead/tr/th[@scope='col']").Count | Should -Be 7
    }

    It 'names stores outside profiles by folder or location' {
        $report = Get-Report @(
            New-Certificate @{ ProfilePath = $null; ProfileUser = $null; StorePath = '/srv/store' }
            New-Certificate @{ ProfilePath = $null; ProfileUser = $null; StoreLocation = 'CurrentUser'; StoreProvider = 'System' }
        )
        Get-Row $report profiles | Should -Be '/srv/store||1|0|0|0|0', 'CurrentUser\My||1|0|0|0|0'
    }

    It 'draws the 20 profiles with the most certificates' {
        $report = Get-Report @(foreach ($number in 1..25) { foreach ($one in 1..$number) { New-Certificate @{ ProfilePath = "C:\Users\u$number" } } })
        $bars = Get-Bar $report by-profile
        $bars.Count | Should -Be 20
        $bars[0] | Should -Be 'C:\Users\u25|25'
        $bars[-1] | Should -Be 'C:\Users\u6|6'
        @(Get-Row $report profiles).Count | Should -Be 25
        $report.SelectSingleNode('//main').InnerText | Should -BeLike '*20 of 25 profiles or stores, those with the most certificates.*'
    }

    It 'draws bars as long as their numbers, the expired part after the other' {
        $report = Get-Report @(
            foreach ($one in 1..4) { New-Certificate @{ IsExpired = $one -eq 1 } }
            foreach ($one in 1..2) { New-Certificate @{ ProfilePath = 'C:\Users\bob' } }
        )
        $widths = $report.SelectNodes("(//*[local-name()='svg'])[1]/*[@class='bar']/rect") | ForEach-Object { "$($_.class) $($_.x) $($_.width)" }
        $widths | Should -Be 'valid 260 277.5', 'expired 537.5 92.5', 'valid 260 185'
        Get-Bar $report by-profile | Should -Be 'C:\Users\ada|4 (1 expired)', 'C:\Users\bob|2'
    }

    It 'draws ages since the certificates were issued' {
        $ages = 0, 29, 31, 90, 92, 181, 183, 364, 366, 729, 731, 1094, 1096, 1825, 1827, 20000
        $report = Get-Report @(foreach ($days in $ages) { New-Certificate @{ NotBefore = $now.AddDays(-$days); IsExpired = $days -gt 1500 } })
        Get-Bar $report by-age | Should -Be @(
            'under 1 month|2', '1 to 3 months|2', '3 to 6 months|2', '6 to 12 months|2'
            '1 to 2 years|2', '2 to 3 years|2', '3 to 5 years|2 (1 expired)', '5 years or more|2 (2 expired)'
        )
    }

    It 'tells its plots to people who do not see them' {
        $report = Get-Report (New-Certificate @{ IsExpired = $true })
        $plots = $report.SelectNodes("//*[local-name()='svg']")
        $plots.Count | Should -Be 2
        $plots | ForEach-Object { $_.role } | Should -Be 'img', 'img'
        $plots[0].SelectSingleNode('desc').InnerText | Should -Be 'C:\Users\ada: 1, 1 of them expired'
        $plots[0].SelectSingleNode('title').id | Should -Be 'by-profile-title'
    }

    It 'says of each card in how many profiles it was, and when and where last' {
        $report = Get-Report @(
            New-Certificate @{ CardId = 'B2' }
            New-Certificate @{ PropagatedAt = [datetime]'2025-02-03'; ReaderName = 'New' }
            New-Certificate @{ PropagatedAt = [datetime]'2024-02-03'; ReaderName = 'Old'; ProfilePath = 'C:\Users\bob' }
        )
        @(Get-Row $report cards)[0] | Should -Be 'A1|New|2|2|2025-02-03'
        @(Get-Row $report cards)[1] | Should -BeLike 'B2|Reader 0|1|1|*'
    }

    It 'lists the certificates with a finding' {
        $report = Get-Report @(
            New-Certificate @{ Subject = 'CN=Good' }
            New-Certificate @{ Subject = 'CN=Bad'; IsExpired = $true; IsOnCard = $false; NotAfter = [datetime]'2024-05-06'; PropagatedAt = $null }
        )
        Get-Row $report certificates |
            Should -Be 'CN=Bad|ada@example.com|C:\Users\ada|2024-05-06||expired, on no inserted card|0123456789ABCDEF0123456789ABCDEF01234567'
    }

    It 'counts 1,000 and lists 500 of them' {
        $report = Get-Report @(foreach ($number in 1..1000) { New-Certificate @{ Subject = "CN=Person $number"; IsExpired = $true } })
        $report.SelectSingleNode('//dl/div/dd').InnerText | Should -Be '1,000'
        Get-Row $report profiles | Should -Be 'C:\Users\ada|ada|1,000|1,000|0|0|0'
        @(Get-Row $report certificates).Count | Should -Be 500
        $report.SelectSingleNode('//main').InnerText | Should -BeLike '*500 of 1,000 certificates; Get-PropagatedCertificate lists all.*'
    }

    It 'says so when nothing was found' {
        $report = Get-Report @()
        $report.SelectSingleNode('//main').InnerText | Should -BeLike '*Nothing was found: no certificate that came from a smart card.*'
        $report.SelectNodes("//table|//*[local-name()='svg']").Count | Should -Be 0
    }

    It 'tells warnings and errors that come down the pipeline' {
        $warn = { [CmdletBinding()] param() $PSCmdlet.WriteWarning('The profile C:\Users\eve was passed over.'); Write-Error -Message 'No <reader>.' -ErrorAction Continue }
        $report = Get-Report @(& $warn 3>&1 2>&1)
        $report.SelectNodes("//ul[@class='failures']/li") | ForEach-Object { $_.InnerText } |
            Should -Be 'The profile C:\Users\eve was passed over.', 'No <reader>.'
    }

    It 'tells computers apart, for objects that came by remoting' {
        $report = Get-Report @(foreach ($computer in 'PC1', 'PC2') {
                $far = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((New-Certificate)))
                Add-Member -InputObject $far -NotePropertyName PSComputerName -NotePropertyValue $computer -PassThru
            })
        Get-Row $report profiles | Should -Be 'PC1: C:\Users\ada|ada|1|0|0|0|0', 'PC2: C:\Users\ada|ada|1|0|0|0|0'
    }

    It 'has numbers and dates that are the same in <Culture>' -ForEach @(
        @{ Culture = 'de-DE' }
        @{ Culture = 'ar-SA' }
        @{ Culture = 'fa-IR' }
    ) {
        $before = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = $Culture
            $report = Get-Report (New-Certificate @{ NotAfter = [datetime]'2024-05-06'; PropagatedAt = [datetime]'2024-05-07'; IsExpired = $true })
            InModuleScope CertProp { Format-ReportNumber -Number 1234567; Format-Coordinate -Number 277.55 } | Should -Be '1,234,567', '277.55'
        }
        finally { [cultureinfo]::CurrentCulture = $before }
        Get-Row $report certificates | Should -BeLike '*|2024-05-06|2024-05-07|*'
        $report.SelectSingleNode('//head/title').InnerText | Should -BeLike "*, $($now.Year)-*"
    }

    It 'takes nothing but propagated certificates, and goes on' {
        $objects = 'text', [pscustomobject]@{ PSTypeName = 'CertProp.PropagatedSummary'; Certificates = 3 }, (New-Certificate)
        $objects | Export-CertPropReport -Path $file -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems | ForEach-Object { $_.FullyQualifiedErrorId } | Should -Be (@('InvalidReportInput,Export-CertPropReport') * 2)
        ([xml][System.IO.File]::ReadAllText($file)).SelectSingleNode('//dl/div/dd').InnerText | Should -Be '1'
    }
}

Describe 'Text from outside' {
    It 'is shown as it is, and is never HTML: <Text>' -ForEach @(
        @{ Text = '<script>alert(1)</script>' }
        @{ Text = '"><img src="x" onerror="alert(1)">' }
        @{ Text = "'-->]]></style></title><b>&amp;&lt;" }
        @{ Text = "O'Brien & S$([char]0xF8)n <ada@example.com>" }
        @{ Text = "CN=$([char]::ConvertFromUtf32(0x20BB7))$([char]0x7530)" }
    ) {
        $properties = 'Subject', 'Thumbprint', 'Upn', 'ProfilePath', 'ProfileUser', 'ReaderName', 'CardId'
        $with = @{ IsExpired = $true }
        foreach ($property in $properties) { $with[$property] = $Text }
        $report = Get-Report (New-Certificate $with)
        $row = Get-Row $report certificates
        $row | Should -BeLike "$([WildcardPattern]::Escape("$Text|$Text|$Text|"))*|expired|$([WildcardPattern]::Escape($Text))"
        Get-Row $report profiles | Should -Be "$Text|$Text|1|1|0|0|0"
        @(Get-Row $report cards) | Should -BeLike "$([WildcardPattern]::Escape("$Text|$Text|1|1|"))*"
        $report.SelectSingleNode("//*[local-name()='svg']/desc").InnerText | Should -Be "${Text}: 1, 1 of them expired"
        $report.SelectNodes('//script|//img|//b').Count | Should -Be 0
        $report.SelectNodes("//@*[starts-with(name(), 'on')]").Count | Should -Be 0
    }

    It 'shows characters that nobody would see: <Shown>' -ForEach @(
        @{ Code = 0; Shown = '\u{0}' }
        @{ Code = 0x1B; Shown = '\u{1b}' }
        @{ Code = 0x85; Shown = '\u{85}' }
        @{ Code = 0x202E; Shown = '\u{202e}' }
        @{ Code = 0x2028; Shown = '\u{2028}' }
        @{ Code = 0xD800; Shown = '\u{d800}' }
        @{ Code = 0xE0041; Shown = '\u{e0041}' }
    ) {
        $character = [string][char]($Code -band 0xFFFF)
        if ($Code -gt 0xFFFF) { $character = [char]::ConvertFromUtf32($Code) }
        $report = Get-Report (New-Certificate @{ Subject = "CN=a${character}b"; IsExpired = $true })
        Get-Row $report certificates | Should -BeLike "CN=a${Shown}b|*"
    }

    It 'is cut where it is long' {
        $report = Get-Report (New-Certificate @{ Subject = 'CN=' + 'x' * 10000; IsExpired = $true; ProfilePath = 'C:\' + 'y' * 10000 })
        Get-Row $report certificates | Should -BeLike "CN=$('x' * 252)$([char]0x2026)|*"
        (Get-Item -LiteralPath $file).Length | Should -BeLessThan 15000
        (Get-Bar $report by-profile).Split('|')[0].Length | Should -Be 36
    }

    It 'keeps the end of a long path in a plot, where paths differ' {
        $report = Get-Report (New-Certificate @{ ProfilePath = '\\fileserver.example.com\profiles$\department\ada.example' })
        Get-Bar $report by-profile | Should -Be "$([char]0x2026)om\profiles`$\department\ada.example|1"
    }
}

Describe 'The file' {
    BeforeEach { Get-ChildItem -LiteralPath $folder | Remove-Item -Recurse }

    It 'holds nothing that runs, and forbids it' {
        $report = Get-Report (New-Certificate)
        $policy = $report.SelectSingleNode("//meta[@http-equiv='Content-Security-Policy']").content
        $policy | Should -Be "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        $report.SelectNodes('//script|//link|//img|//iframe|//@src|//@href').Count | Should -Be 0
        $report.html.lang | Should -Be 'en'
    }

    It 'is UTF-8 without a byte order mark' {
        $null = Get-Report (New-Certificate @{ ProfilePath = "C:\Users\$([char]0xE4)" })
        [System.IO.File]::ReadAllBytes($file)[0] | Should -Be ([int][char]'<')
    }

    It 'replaces the one before and leaves nothing beside it' {
        [System.IO.File]::WriteAllText($file, 'old')
        New-Certificate | Export-CertPropReport -Path $file | Should -BeNullOrEmpty
        [System.IO.File]::ReadAllText($file) | Should -BeLike '<!DOCTYPE html>*</html>*'
        (Get-ChildItem -LiteralPath $folder).Name | Should -Be 'report.html'
    }

    It 'lies where the location is, if no folder is named' {
        Push-Location -LiteralPath $folder
        try { New-Certificate | Export-CertPropReport here.html } finally { Pop-Location }
        (Get-ChildItem -LiteralPath $folder).Name | Should -Be 'here.html'
    }

    It 'is kept under -NoClobber' {
        [System.IO.File]::WriteAllText($file, 'old')
        { New-Certificate | Export-CertPropReport -Path $file -NoClobber } | Should -Throw -ErrorId 'InvalidReportPath,Export-CertPropReport'
        [System.IO.File]::ReadAllText($file) | Should -Be 'old'
    }

    It 'is kept under -NoClobber also if it comes meanwhile' {
        $meanwhile = { [System.IO.File]::WriteAllText($file, 'other'); New-Certificate }
        { & $meanwhile | Export-CertPropReport -Path $file -NoClobber } | Should -Throw -ErrorId 'ReportNotWritten,Export-CertPropReport'
        [System.IO.File]::ReadAllText($file) | Should -Be 'other'
        (Get-ChildItem -LiteralPath $folder).Name | Should -Be 'report.html'
    }

    It 'is not written under -WhatIf' {
        New-Certificate | Export-CertPropReport -Path $file -WhatIf
        Get-ChildItem -LiteralPath $folder | Should -BeNullOrEmpty
    }

    It 'is refused before anything is read where it can''t be written: <Reason>' -ForEach @(
        @{ Reason = 'it is a folder'; Path = '.' }
        @{ Reason = 'its folder does not exist'; Path = 'none/report.html' }
        @{ Reason = 'it lies in the provider Environment'; Path = 'Env:report' }
    ) {
        $read = [System.Collections.Generic.List[string]]::new()
        $path = $Path
        if ($path -notlike 'Env:*') { $path = [System.IO.Path]::Combine($folder, $Path) }
        { & { $read.Add('read'); New-Certificate } | Export-CertPropReport -Path $path } |
            Should -Throw -ErrorId 'InvalidReportPath,Export-CertPropReport' -ExpectedMessage "*$Reason*"
        $read | Should -BeNullOrEmpty
    }
}
