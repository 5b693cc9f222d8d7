/** The look of an exported page: readable measure, light and dark by the reader's choice, for print and for a phone. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1b1f24; --soft: #59636e; --line: #d7dce1; --back: #ffffff; --code-back: #f5f6f8; --link: #0b5cad;
  --error-back: #fdf0ef; --stderr-back: #fff7ec; --chart-back: #ffffff;
  --keyword: #8a2f86; --string: #1a6b35; --number: #9a4a00; --comment: #66707a; --name: #0b5394; --type: #7a4b00;
  --red: #b3261e; --green: #1a7f37; --yellow: #8a6100; --blue: #0b5cad; --magenta: #8a2f86; --cyan: #0b7285;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --text: #e3e7ec; --soft: #a0abb6; --line: #343b44; --back: #14171b; --code-back: #1d2127; --link: #7ab8ff;
    --error-back: #331b1b; --stderr-back: #2c2416; --chart-back: #ffffff;
    --keyword: #e08ae0; --string: #86d19a; --number: #f0a868; --comment: #8d99a5; --name: #8fc1ff; --type: #e6c07b;
    --red: #ff8a80; --green: #7ee2a0; --yellow: #ecc873; --blue: #7ab8ff; --magenta: #e08ae0; --cyan: #76d9e6;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--back); color: var(--text); overflow-wrap: break-word;
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
.text > *, nav.contents, footer { max-width: 46rem; }
.text > .wide, .text > table { max-width: 100%; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 2em 0 0.6em; text-wrap: balance; }
h1 { font-size: 2rem; margin-top: 0; }
h2 { font-size: 1.45rem; padding-bottom: 0.25em; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.15rem; }
p, ul, ol, blockquote, table, pre, figure { margin: 0 0 1em; }
a { color: var(--link); text-underline-offset: 0.15em; }
blockquote { margin-left: 0; padding-left: 1em; border-left: 3px solid var(--line); color: var(--soft); }
hr { border: 0; border-top: 1px solid var(--line); margin: 2em 0; }
img { max-width: 100%; height: auto; }
code, pre, kbd, samp { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: 0.9em; background: var(--code-back); padding: 0.1em 0.3em; border-radius: 3px; }
pre { font-size: 0.85rem; line-height: 1.5; overflow-x: auto; tab-size: 2; }
pre code { font-size: inherit; background: none; padding: 0; }
.text pre, .source pre { background: var(--code-back); border-radius: 6px; padding: 0.8rem 1rem; }
.text pre { max-width: 100%; }
table { border-collapse: collapse; display: block; overflow-x: auto; max-width: 100%; font-size: 0.92rem; }
caption { text-align: left; }
th, td { padding: 0.3em 0.7em; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; }
td[align=right], th[align=right] { text-align: right; }
td[align=center], th[align=center] { text-align: center; }
nav.contents { font-size: 0.95rem; margin: 0 0 2rem; padding: 0.7rem 1rem; border: 1px solid var(--line); border-radius: 6px; }
nav.contents summary, details > summary { cursor: pointer; color: var(--soft); }
nav.contents ul { list-style: none; margin: 0.5rem 0 0; padding: 0; }
nav.contents li { margin: 0.15rem 0; }
nav.contents .level-3 { padding-left: 1.2rem; }
.cell { margin: 0 0 1.25rem; }
.cell.code { position: relative; }
.source pre { margin: 0 0 0.5rem; border-left: 3px solid var(--line); }
.prompt {
  position: absolute; right: 0.5rem; top: 0.15rem; padding: 0 0.2rem; background: var(--code-back);
  font-size: 0.72rem; line-height: 1; color: var(--soft); user-select: none;
}
.output { margin: 0 0 0.75rem; }
pre.output { padding: 0 1rem; max-height: 40rem; overflow: auto; }
pre.stderr { background: var(--stderr-back); padding: 0.6rem 1rem; border-radius: 6px; }
pre.error { background: var(--error-back); padding: 0.8rem 1rem; border-radius: 6px; }
.output.rich { overflow-x: auto; }
.output.rich > :last-child { margin-bottom: 0; }
.output.rich table { display: table; font-size: 0.82rem; line-height: 1.45; }
figure.chart { margin: 0 0 0.75rem; background: var(--chart-back); border-radius: 6px; overflow-x: auto; width: fit-content; max-width: 100%; }
.chart-image { display: block; }
figure.chart:not(.is-live) .chart-live { position: absolute; visibility: hidden; }
.chart-live.vega-embed { display: block; padding-right: 0; }
.chart-live.vega-embed:not(.has-actions) { padding-right: 0; }
.chart-live summary { background: #fff; }
.math-display { display: block; overflow-x: auto; overflow-y: hidden; text-align: center; padding: 0.3em 0; }
.math svg { overflow: visible; }
.tok-keyword, .tok-operatorKeyword { color: var(--keyword); }
.tok-string, .tok-string2 { color: var(--string); }
.tok-number, .tok-bool, .tok-atom, .tok-literal { color: var(--number); }
.tok-comment { color: var(--comment); font-style: italic; }
.tok-variableName.tok-definition, .tok-propertyName.tok-definition { color: var(--name); }
.tok-typeName, .tok-className, .tok-namespace { color: var(--type); }
.tok-invalid { color: var(--red); }
.ansi-bold { font-weight: 700; } .ansi-faint { opacity: 0.7; } .ansi-italic { font-style: italic; }
.ansi-underline { text-decoration: underline; } .ansi-inverse { background: var(--text); color: var(--back); }
.ansi-front-black, .ansi-front-bright-black { color: var(--soft); }
.ansi-front-white, .ansi-front-bright-white { color: var(--text); }
.ansi-front-red, .ansi-front-bright-red { color: var(--red); }
.ansi-back-red, .ansi-back-bright-red { background: var(--red); color: var(--back); }
.ansi-front-green, .ansi-front-bright-green { color: var(--green); }
.ansi-back-green, .ansi-back-bright-green { background: var(--green); color: var(--back); }
.ansi-front-yellow, .ansi-front-bright-yellow { color: var(--yellow); }
.ansi-back-yellow, .ansi-back-bright-yellow { background: var(--yellow); color: var(--back); }
.ansi-front-blue, .ansi-front-bright-blue { color: var(--blue); }
.ansi-back-blue, .ansi-back-bright-blue { background: var(--blue); color: var(--back); }
.ansi-front-magenta, .ansi-front-bright-magenta { color: var(--magenta); }
.ansi-back-magenta, .ansi-back-bright-magenta { background: var(--magenta); color: var(--back); }
.ansi-front-cyan, .ansi-front-bright-cyan { color: var(--cyan); }
.ansi-back-cyan, .ansi-back-bright-cyan { background: var(--cyan); color: var(--back); }
.ansi-back-black, .ansi-back-bright-black { background: var(--text); color: var(--back); }
.ansi-back-white, .ansi-back-bright-white { background: var(--line); }
footer { margin-top: 3rem; padding-top: 0.75rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.85rem; }
@media (max-width: 40rem) {
  body { font-size: 1rem; }
  main { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  pre { font-size: 0.78rem; }
  .prompt { display: none; }
}
@media print {
  :root { color-scheme: light; }
  main { max-width: none; padding: 0; }
  body { font-size: 10.5pt; }
  pre { white-space: pre-wrap; font-size: 8.5pt; }
  pre.output { max-height: none; }
  nav.contents, .vega-embed details { display: none; }
  figure, table, .source pre { break-inside: avoid; }
  h1, h2, h3, h4 { break-after: avoid; }
  .output.rich, figure.chart, table { overflow: visible; }
}
`;
