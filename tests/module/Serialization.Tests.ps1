# What other programs make of the cmdlets' objects: a line each in CSV, and the same values at the other end of PowerShell remoting, over SSH
# to a server of these tests' own on this machine. The objects are those of the built engine (CERTPROP_TEST_MODULE).

BeforeDiscovery {
    $without = -not $env:CERTPROP_TEST_MODULE -or -not (Test-Path -LiteralPath '/proc/self/fd')
    $sshd = @('/usr/sbin/sshd', '/usr/local/sbin/sshd' | Where-Object { Test-Path -LiteralPath $_ })[0]
    $keygen = Get-Command -Name 'ssh-keygen' -CommandType Application -ErrorAction Ignore
    $withoutServer = -not $sshd -or -not $keygen -or (& id -u) -ne '0'
    $required = "$env:CERTPROP_REQUIRE" -split ',' | ForEach-Object { $_.Trim() }
    if ($withoutServer -and 'sshd' -in $required) { throw 'sshd is missing, or this is not root: apt-get install openssh-server openssh-client (CERTPROP_REQUIRE names it)' }
}

Describe 'Objects for other programs' -Skip:$without {
    BeforeAll {
        . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
        function Join-Folder { [System.IO.Path]::Combine([string[]]$args) }
        $temporary = Join-Folder ([System.IO.Path]::GetTempPath()) "certprop-$([guid]::NewGuid().ToString('N'))"
        $folder = Join-Folder $temporary 'CertProp'
        $null = New-Item -ItemType Directory -Path $temporary
        Copy-Item -LiteralPath $env:CERTPROP_TEST_MODULE -Destination $folder -Recurse
        $module = Join-Folder $folder 'CertProp.psd1'
        $readers = Join-Folder $folder 'engine' 'readers'
        if (Test-Path -LiteralPath $readers) { Remove-Item -LiteralPath $readers -Recurse }
        $reader = Join-Folder $readers 'Reader A'
        $null = New-Item -ItemType Directory -Path $reader
        $node = @(Get-Command -Name node -CommandType Application)[0].Source
        $fixtures = Join-Folder $PSScriptRoot 'fixtures'
        $card = ConvertFrom-Json (& $node (Join-Folder $fixtures 'make-card.mjs') (Join-Folder $reader 'card.json'))
        $profiles = Join-Folder $temporary 'profiles'
        $null = & $node (Join-Folder $fixtures 'make-profiles.mjs') $profiles
        $backup = Join-Folder $temporary 'backup'
        Import-ModuleCopy -Folder $folder

        $pin = ConvertTo-SecureString -String $card.pin -AsPlainText -Force
        $place = @{ ProfilePath = "$profiles/*" }
        $removed = Remove-PropagatedCertificate @place -ForeignUser -BackupPath $backup -Confirm:$false
        $objects = [ordered]@{
            SmartCard             = @(Get-SmartCard)
            CardCertificate       = @(Get-CardCertificate)
            PropagationResult     = @($removed) + @($removed | Restore-PropagatedCertificate)
            PropagatedCertificate = @(Get-PropagatedCertificate @place)
            PropagatedSummary     = @(Get-PropagatedCertificate @place -Summary)
            CardCacheCounter      = @(Set-CardCacheCounter -Reader 'Reader A' -Increment Container -Pin $pin -Confirm:$false)
            Policy                = @(Get-CertPropPolicy)
        }
        $objects.CardCertificateChange = @(Add-CardCertificate -Reader 'Reader A' -Certificate $objects.CardCertificate[0] -StorePath "$TestDrive/store")
        $objects.Check = @(Test-CertPropagation -Reader 'Reader A' -StorePath "$TestDrive/store")
        # Only Windows has a cache to compare with; the object is made of what its engine sends.
        $objects.CardCacheItem = @(& (Get-Module -Name CertProp) {
            $item = '{"readerName":"Reader A","cardId":"AB","name":"Cached_GeneralFile/mscp/kxc00","state":"Stale","freshness":1,"length":2,"detail":"Older."}'
            ConvertTo-CardCacheItem -Item (ConvertFrom-Json -InputObject $item)
        })
    }
    AfterAll { Remove-ModuleCopy -Folder $folder }

    It 'covers every type that the cmdlets name' {
        $types = Get-Command -Module CertProp | ForEach-Object { $_.OutputType.Name } | Where-Object { $_ -like 'CertProp.*' } | Sort-Object -Unique
        $objects.Keys | ForEach-Object { "CertProp.$_" } | Sort-Object | Should -Be $types
        foreach ($type in $objects.Keys) {
            $objects[$type].Count | Should -BeGreaterThan 0
            foreach ($object in $objects[$type]) { $object.PSObject.TypeNames[0] | Should -Be "CertProp.$type" }
        }
    }

    It 'are a line each in CSV, with every value in it' {
        foreach ($type in $objects.Keys) {
            $lines = @($objects[$type] | ConvertTo-Csv -NoTypeInformation)
            $lines.Count | Should -Be (1 + $objects[$type].Count) -Because "$type has no line breaks"
            foreach ($line in $lines) { $line | Should -Not -Match '[\r\n]|System\.|@\{' -Because $type }
            $back = @($lines | ConvertFrom-Csv)
            for ($index = 0; $index -lt $back.Count; $index++) {
                foreach ($property in $objects[$type][$index].PSObject.Properties) {
                    $text = ''
                    if ($null -ne $property.Value) { $text = $property.Value.ToString() }
                    "$($back[$index].($property.Name))" | Should -Be $text -Because "$type.$($property.Name)"
                }
            }
        }
    }

    It 'hold texts, numbers, dates, yes or no, or nothing, which JSON and remoting keep' {
        foreach ($type in $objects.Keys) {
            foreach ($object in $objects[$type]) {
                foreach ($property in $object.PSObject.Properties | Where-Object { $null -ne $_.Value }) {
                    $property.Value.GetType().Name | Should -BeIn 'String', 'Int32', 'Int64', 'Double', 'DateTime', 'Boolean' -Because "$type.$($property.Name)"
                }
            }
        }
    }

    It 'are shown in the same table when they come from elsewhere' {
        foreach ($type in $objects.Keys) {
            $there = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($objects[$type]))
            $there[0].PSObject.TypeNames[0] | Should -Be "Deserialized.CertProp.$type"
            # PowerShell looks for the view of a deserialized object under its own name, too.
            ($there | Format-Table | Out-String -Width 400) | Should -Be ($objects[$type] | Format-Table | Out-String -Width 400) -Because $type
        }
    }

    Context 'Over PowerShell remoting, with sshd of openssh-server as root' -Skip:$withoutServer -ForEach @{ sshd = $sshd } {
        BeforeAll {
            $ssh = Join-Folder $temporary 'ssh'
            $null = New-Item -ItemType Directory -Path $ssh
            & chmod 700 $temporary $ssh
            foreach ($key in 'host', 'user') { $null = & ssh-keygen -q -t ed25519 -N '' -f (Join-Folder $ssh $key) }
            Copy-Item -LiteralPath (Join-Folder $ssh 'user.pub') -Destination (Join-Folder $ssh 'authorized')
            # A free port, as the system gives one.
            $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
            $listener.Start()
            $port = $listener.LocalEndpoint.Port
            $listener.Stop()
            Set-Content -LiteralPath (Join-Folder $ssh 'config') -Value @(
                "ListenAddress 127.0.0.1:$port"
                "HostKey $ssh/host"
                "AuthorizedKeysFile $ssh/authorized"
                "PidFile none"
                'PasswordAuthentication no'
                'UsePAM no'
                "PermitRootLogin prohibit-password"
                # The parents of a temporary folder are not the user's.
                'StrictModes no'
                "Subsystem powershell $((Get-Process -Id $PID).Path) -sshs -NoLogo -NoProfile"
            )
            Set-Content -LiteralPath (Join-Folder $ssh 'known') -Value "[127.0.0.1]:$port $(Get-Content -LiteralPath (Join-Folder $ssh 'host.pub'))"
            # sshd's privilege separation wants this folder of root's, which the package's service makes.
            if (-not (Test-Path -LiteralPath '/run/sshd')) { $null = New-Item -ItemType Directory -Path '/run/sshd'; & chmod 755 /run/sshd }
            $start = [System.Diagnostics.ProcessStartInfo]::new($sshd)
            foreach ($one in '-D', '-e', '-f', (Join-Folder $ssh 'config')) { $start.ArgumentList.Add($one) }
            $start.RedirectStandardError = $true
            $server = [System.Diagnostics.Process]::Start($start)
            # It tells when it listens.
            $told = $server.StandardError.ReadLine()
            $told | Should -BeLike 'Server listening*'
            # What is not read any more would stop it.
            $rest = $server.StandardError.ReadToEndAsync()
            $options = @{ UserKnownHostsFile = "$ssh/known"; IdentitiesOnly = 'yes'; GlobalKnownHostsFile = '/dev/null' }
            $session = New-PSSession -HostName 127.0.0.1 -Port $port -UserName (& id -un) -KeyFilePath (Join-Folder $ssh 'user') -Options $options
            Invoke-Command -Session $session -ScriptBlock { Import-Module -Name $using:module }
        }
        AfterAll {
            if ($session) { Remove-PSSession -Session $session }
            if ($server) {
                $server.Kill($true)
                $server.WaitForExit()
            }
        }

        It 'arrive with all their values, dates as dates, and say from which computer they are' {
            $there = Invoke-Command -Session $session -ScriptBlock { Get-PropagatedCertificate -ProfilePath $using:place.ProfilePath }
            $here = $objects.PropagatedCertificate
            $there.Count | Should -Be $here.Count
            for ($index = 0; $index -lt $here.Count; $index++) {
                $there[$index].PSObject.TypeNames[0] | Should -Be 'Deserialized.CertProp.PropagatedCertificate'
                foreach ($property in $here[$index].PSObject.Properties) {
                    $value = $there[$index].($property.Name)
                    $value | Should -Be $property.Value -Because $property.Name
                    if ($null -ne $value) { $value.GetType() | Should -Be $property.Value.GetType() -Because $property.Name }
                }
            }
            $there[0].PSComputerName | Should -Be '127.0.0.1'
            $there[0].NotAfter | Should -BeOfType [datetime]
        }

        It 'arrive from cards, too' {
            $reader, $certificates = Invoke-Command -Session $session -ScriptBlock { Get-SmartCard; Get-CardCertificate }
            $reader.PSObject.TypeNames[0] | Should -Be 'Deserialized.CertProp.SmartCard'
            $reader.CertificateCount | Should -Be 3
            $certificates[0].PSObject.TypeNames[0] | Should -Be 'Deserialized.CertProp.CardCertificate'
            $certificates.Thumbprint | Should -Be $card.thumbprints
            $certificates.NotAfter | Should -Be $objects.CardCertificate.NotAfter
        }

        It 'are counted, and written to a report here' {
            $there = Invoke-Command -Session $session -ScriptBlock { Get-PropagatedCertificate -ProfilePath $using:place.ProfilePath -Summary }
            $there.FromCards | Should -Be $objects.PropagatedSummary.FromCards
            $report = Join-Folder $temporary 'report.html'
            Invoke-Command -Session $session -ScriptBlock { Get-PropagatedCertificate -ProfilePath $using:place.ProfilePath } | Export-CertPropReport -Path $report
            Get-Content -LiteralPath $report -Raw | Should -BeLike '*127.0.0.1: *'
        }

        It 'are removed there by the results of here, and put back by the results that came from there' {
            $there = Invoke-Command -Session $session -ScriptBlock { Get-PropagatedCertificate -ProfilePath $using:place.ProfilePath -Expired }
            $removal = { $input | Remove-PropagatedCertificate -BackupPath $using:backup -Confirm:$false }
            $results = $there | Invoke-Command -Session $session -ScriptBlock $removal
            $results.Action | Should -Be (@('Removed') * $there.Count)
            $results[0].PSObject.TypeNames[0] | Should -Be 'Deserialized.CertProp.PropagationResult'
            # This is the computer that the results name: its profiles are those of the session.
            ($results | Restore-PropagatedCertificate -Confirm:$false).Action | Should -Be (@('Restored') * $there.Count)
            $again = $there | Remove-PropagatedCertificate -BackupPath $backup -Confirm:$false
            $again.Thumbprint | Sort-Object | Should -Be ($there.Thumbprint | Sort-Object)
            $again.Action | Should -Be (@('Removed') * $there.Count)
        }

        It 'name what went wrong, with the error''s id' {
            $command = { Get-PropagatedCertificate -ProfilePath "$($using:profiles)/nobody*" }
            { Invoke-Command -Session $session -ScriptBlock $command -ErrorAction Stop } | Should -Throw -ErrorId 'ProfileNotFound,Get-PropagatedCertificate'
        }
    }
}
