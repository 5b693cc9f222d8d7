/** The report's look, after that of all pages. */
export const REPORT_STYLE = `
:root { --agrees-back: #cfece3; --differs-back: #f8dccb; }
@media screen and (prefers-color-scheme: dark) {
  :root { --agrees-back: #14402f; --differs-back: #5a2d12; }
}
header, main { max-width: 80rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.5rem; }
main { padding-bottom: 4rem; }
.lead { font-size: 1.25rem; max-width: 46rem; }
main p { max-width: 46rem; }
.skip { position: absolute; left: -100vw; background: var(--back); padding: 0.5rem 1rem; z-index: 1; }
.skip:focus { left: 0; top: 0; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
nav.contents { columns: 20rem auto; max-width: 80rem; }
nav.contents ul { margin: 0; }
.scroll { overflow-x: auto; margin: 0 0 1.5rem; }
.scroll table { display: table; overflow: visible; max-width: none; margin: 0; }
caption { font-size: 0.92rem; color: var(--soft); padding: 0.3em 0.7em 0.3em 0; }
.scroll td, .scroll th { vertical-align: baseline; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.verdict { white-space: nowrap; }
tbody th { font-weight: 400; }
.agrees { background: var(--agrees-back); }
.differs { background: var(--differs-back); font-weight: 600; }
.not-published, .calibration { color: var(--soft); }
.summary tbody tr:last-child:not(:only-child) > * { border-top: 2px solid var(--line); }
.summary td { min-width: 5rem; }
.note { color: var(--soft); font-size: 0.85em; }
td.note { min-width: 9rem; }
.rows tbody th { min-width: 12rem; }
.why { min-width: 16rem; width: 35%; }
.long { overflow-wrap: anywhere; }
.hash { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.72rem; overflow-wrap: anywhere; min-width: 17rem; }
.datasets tbody th { min-width: 12rem; }
.result { border-left: 4px solid var(--link); padding-left: 1rem; margin: 0 0 1rem; }
.citation { color: var(--soft); }
figure { max-width: 46rem; }
figure .scroll { margin-bottom: 0.25rem; }
figcaption { color: var(--soft); font-size: 0.92rem; }
.failed { color: var(--red); }
@page { margin: 14mm 12mm; }
@media print {
  header, main { max-width: none; padding: 0; }
  .skip { display: none; }
  .scroll, .scroll table { overflow: visible; }
  .scroll { break-inside: auto; }
  .scroll table { break-inside: auto; width: 100%; font-size: 7.5pt; line-height: 1.3; }
  .scroll td, .scroll th { min-width: 0 !important; padding: 0.25em 0.4em; }
  tr, figure { break-inside: avoid; }
  figure svg { max-width: 100%; height: auto; }
  caption { break-after: avoid; }
  .number, .verdict { white-space: normal; }
  .hash { font-size: 5.5pt; }
  .agrees, .differs { print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
}
`;
