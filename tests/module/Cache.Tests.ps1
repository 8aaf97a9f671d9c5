# Get-CardCacheItem, on the fake engine.

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'Support.ps1'))
    $folder = New-ModuleCopy
    Import-ModuleCopy -Folder $folder
}

AfterAll { Remove-ModuleCopy -Folder $folder }

Describe 'Get-CardCacheItem' {
    It 'gives one object for each item, with every property' {
        $items = Get-CardCacheItem -Reader One
        $items.State | Should -Be 'Same', 'Stale'
        $items[0].PSObject.TypeNames[0] | Should -Be 'CertProp.CardCacheItem'
        foreach ($item in $items) {
            $item.PSObject.Properties.Name | Should -Be 'ReaderName', 'CardId', 'Name', 'State', 'Freshness', 'Length', 'Detail'
            $item.ReaderName | Should -Be 'One'
            $item.CardId | Should -Be 'CARD-1'
            $item.Detail | Should -Be 'A sentence.'
        }
        $items[0].Freshness | Should -Be 4
        $items[0].Length | Should -Be 1200
        $items[1].Name | Should -Be 'Cached_CardmodFile\Cached_CMAPFile'
        $items[1].Length | Should -Be $null
    }

    It 'shows them as a table' {
        $text = Get-CardCacheItem -Reader One | Out-String -Width 120
        $text | Should -Match '(?m)^Name +State +Freshness +Length +ReaderName *\r?$'
        $text | Should -Match '(?m)^Cached_GeneralFile/mscp/kxc00 +Same +4 +1200 +One *\r?$'
    }

    It 'asks about the readers that are named, as they are named' {
        $null = Get-CardCacheItem 'O*', 'Two'
        (Get-EngineMessage -Folder $folder -Method 'cache/read')[-1].params.readers | Should -Be 'O*', 'Two'
    }

    It 'has to be given a reader, because asking can delete' {
        $attributes = (Get-Command -Name Get-CardCacheItem).Parameters['Reader'].Attributes
        ($attributes | Where-Object { $_ -is [System.Management.Automation.ParameterAttribute] }).Mandatory | Should -BeTrue
    }

    It 'fails where Windows is not' {
        { Get-CardCacheItem -Reader Linux } | Should -Throw -ErrorId 'CacheUnavailable,Get-CardCacheItem' -PassThru |
            ForEach-Object { $_.CategoryInfo.Category } | Should -Be 'NotImplemented'
    }

    It 'is not asked a second time by itself: what was stale would be gone' {
        $before = @(Get-EngineMessage -Folder $folder -Method 'cache/read').Count
        { Get-CardCacheItem -Reader dies } | Should -Throw -ErrorId 'EngineEnded,Get-CardCacheItem'
        @(Get-EngineMessage -Folder $folder -Method 'cache/read').Count | Should -Be ($before + 1)
    }
}
