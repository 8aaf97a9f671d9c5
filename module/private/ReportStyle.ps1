# How a report looks: on light and dark screens, and on paper. Text has a contrast of 4.5 to 1 or more, bars of 3 to 1.
$script:reportStyle = @'

:root {
  --page: #ffffff; --text: #1c2126; --quiet: #59626b; --line: #d3d8dd; --panel: #f4f6f8; --valid: #2a68ad; --expired: #c4560c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #15181b; --text: #e7e9eb; --quiet: #a3abb3; --line: #3a4148; --panel: #1f2428; --valid: #6ba7ea; --expired: #f0954f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1 { margin: 0; font-size: 1.8rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.2rem; }
p { margin: 0 0 0.75rem; color: var(--quiet); }
code { padding: 0.1em 0.35em; border-radius: 3px; background: var(--panel); font: 0.9em ui-monospace, Consolas, Menlo, monospace; white-space: nowrap; }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 1rem; margin: 1.5rem 0 0; }
.totals div { display: flex; flex-direction: column-reverse; padding: 0.9rem 1.1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
.totals dt { color: var(--quiet); }
.totals dd { margin: 0; font-size: 1.9rem; font-weight: 600; line-height: 1.2; font-variant-numeric: tabular-nums; }
.findings { margin: 0; padding: 0; list-style: none; }
.findings li { display: grid; grid-template-columns: 4rem 1fr; gap: 0.75rem; padding: 0.25rem 0; }
.findings strong { text-align: right; font-variant-numeric: tabular-nums; }
.findings code { margin-left: 0.25rem; }
.none { color: var(--quiet); }
.failures { margin: 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
.plot { display: block; width: 100%; max-width: 60rem; height: auto; }
.plot text { fill: var(--text); font-size: 13px; }
.plot .label { text-anchor: end; }
.plot rect { stroke: var(--page); stroke-width: 1px; }
.valid { fill: var(--valid); }
.expired { fill: var(--expired); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { border-bottom: 2px solid var(--line); color: var(--quiet); font-weight: 600; vertical-align: bottom; overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
th:first-child { width: 28%; min-width: 12rem; }
#profiles th:nth-child(2) { width: 18%; min-width: 7rem; }
#certificates th:first-child { width: 22%; }
#certificates th:nth-child(2), #certificates th:nth-child(3) { width: 17%; min-width: 9rem; }
#certificates th:nth-child(6) { width: 13%; min-width: 8rem; }
#certificates td:nth-child(4), #certificates td:nth-child(5), #cards td:last-child { white-space: nowrap; }
#certificates td:last-child { min-width: 11rem; font: 0.8em ui-monospace, Consolas, Menlo, monospace; }
@media print {
  @page { size: landscape; margin: 15mm; }
  body { font-size: 9pt; }
  main { max-width: none; padding: 0; }
  .wide { overflow: visible; }
  .plot { max-width: 190mm; }
  h2 { break-after: avoid; }
  section, tr, .totals { break-inside: avoid; }
  th, td { padding-top: 0.15rem; padding-bottom: 0.15rem; }
  thead { display: table-header-group; }
  .totals { grid-template-columns: repeat(4, 1fr); }
}

'@
