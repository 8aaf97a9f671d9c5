# With administrator's or root's rights nothing is run that others could have changed: a file, its folder, and what leads there.

function Test-Elevated {
    if ([System.Environment]::OSVersion.Platform -eq [System.PlatformID]::Win32NT) {
        $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
        $principal = [System.Security.Principal.WindowsPrincipal]::new($identity)
        return $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
    }
    [System.Environment]::UserName -eq 'root'
}

# Throws FileNotTrusted naming the first file or folder that others can change.
function Assert-TrustedFile {
    param([string[]]$Path)

    $seen = [System.Collections.Generic.HashSet[string]]::new([System.StringComparer]::Ordinal)
    foreach ($file in $Path) {
        foreach ($step in Get-PathChain -Path $file -Seen $seen) {
            if (-not (Test-ChangeableByOthers -Item $step.Entry -Ancestor $step.Ancestor)) { continue }
            $place = $step.Entry.FullName
            $message = "CertProp doesn't run '$file' with administrator's rights, because others can change '$place'. Let only administrators (root) write there, or use files elsewhere."
            throw (New-ErrorRecord -Id FileNotTrusted -Message $message -TargetObject $place)
        }
    }
}

# A file, its folder, and all folders above (Ancestor); where one is a link, also what it leads to.
function Get-PathChain {
    param(
        [string]$Path,
        [System.Collections.Generic.HashSet[string]]$Seen
    )

    $current = $Path
    $depth = 0
    # What leads to a place that was seen before was seen with it.
    while ($current -and $Seen.Add("$($depth -gt 1) $current")) {
        $item = Get-Item -LiteralPath $current -Force -ErrorAction Stop
        $folder = [System.IO.Path]::GetDirectoryName($current)
        if ($item.LinkType -in 'SymbolicLink', 'Junction') {
            $target = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($folder, @($item.Target)[0]))
            Get-PathChain -Path $target -Seen $Seen
        }
        else {
            @{ Entry = $item; Ancestor = $depth -gt 1 }
        }
        $current = $folder
        $depth++
    }
}

function Test-ChangeableByOthers {
    # PowerShell 7 adds UnixStat to files on Unix; .NET has no such member.
    param([psobject]$Item, [bool]$Ancestor)

    if ([System.Environment]::OSVersion.Platform -ne [System.PlatformID]::Win32NT) {
        $status = $Item.UnixStat
        return Test-UnixModeChangeable -Mode $status.Mode -UserId $status.UserId -GroupId $status.GroupId -Ancestor $Ancestor
    }
    $sidType = [System.Security.Principal.SecurityIdentifier]
    $own = [System.Security.Principal.WindowsIdentity]::GetCurrent().User.Value
    $acl = Get-Acl -LiteralPath $Item.FullName -ErrorAction Stop
    $owner = $acl.GetOwner($sidType).Value
    if (-not (Test-TrustedSid -Sid $owner -Own $own)) { return $true }
    foreach ($rule in $acl.GetAccessRules($true, $true, $sidType)) {
        if ($rule.AccessControlType -eq 'Allow' -and
            -not ($rule.PropagationFlags -band [System.Security.AccessControl.PropagationFlags]::InheritOnly) -and
            (Test-ChangeRight -Right ([int]$rule.FileSystemRights) -Ancestor $Ancestor) -and
            -not (Test-TrustedSid -Sid $rule.IdentityReference.Value -Own $own)) { return $true }
    }
    $false
}

# Mode bits of stat(2). In a folder with the sticky bit (01000) others can't replace what isn't theirs, but they can add files.
function Test-UnixModeChangeable {
    param([int]$Mode, [int]$UserId, [int]$GroupId, [bool]$Ancestor)

    if ($UserId -ne 0) { return $true }
    if ($Ancestor -and ($Mode -band 0x200)) { return $false }
    $othersWrite = $Mode -band 0x2
    $groupWrite = ($Mode -band 0x10) -and $GroupId -ne 0
    [bool]($othersWrite -or $groupWrite)
}

# SYSTEM, Administrators, TrustedInstaller, the owner (who is judged by itself), and the user whose rights these are.
function Test-TrustedSid {
    param([string]$Sid, [string]$Own)

    $Sid -in 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464', 'S-1-3-4', $Own
}

# Rights of winnt.h that change a file or replace what is in a folder. Above the file's own folder, adding to it does no harm.
function Test-ChangeRight {
    param([int]$Right, [bool]$Ancestor)

    $replace = 0x40 -bor 0x10000 -bor 0x40000 -bor 0x80000 -bor 0x10000000  # DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL
    $write = 0x2 -bor 0x4 -bor 0x40000000                                   # WRITE_DATA, APPEND_DATA, GENERIC_WRITE
    if (-not $Ancestor) { $replace = $replace -bor $write }
    [bool]($Right -band $replace)
}
