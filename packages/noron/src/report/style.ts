/** How a report looks: in light and dark, from 360 pixels up, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b2330; --quiet: #556070; --line: #d5dae1; --soft: #f3f5f8;
  --first: #1d5fd0; --second: #b3450b; --right1: #e3eefb; --right2: #c3dbf7; --right3: #9cc3f0; --right4: #76abe8;
  --wrong1: #fdeade; --wrong2: #fad2b8; --wrong3: #f6b58b; --wrong4: #f09a62; --shade: #1b2330; }
@media (prefers-color-scheme: dark) { :root { --ground: #12161c; --text: #e4e8ee; --quiet: #a3adba; --line: #333c48; --soft: #1b2129;
  --first: #7fb0ff; --second: #ffa36b; --right1: #16263d; --right2: #1a3560; --right3: #1f4583; --right4: #2455a6;
  --wrong1: #33210f; --wrong2: #4d2c10; --wrong3: #683a12; --wrong4: #854813; --shade: #f4f6f9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
p { max-width: 46rem; margin: .5rem 0; overflow-wrap: anywhere; }
.lead { font-size: 1.1rem; }
footer { color: var(--quiet); font-size: .875rem; padding-bottom: 2rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; max-width: 60rem; }
figure { margin: 0; max-width: 36rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font: 10px system-ui, sans-serif; }
.axis line { stroke: var(--line); stroke-width: .5; }
.guide { stroke: var(--quiet); stroke-dasharray: 3 3; stroke-width: 1; }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.line.first { stroke: var(--first); }
.line.second { stroke: var(--second); stroke-dasharray: 5 2; }
.mark.first { fill: var(--first); fill-opacity: .65; }
.mark.second { fill: var(--second); fill-opacity: .65; }
figcaption { color: var(--quiet); font-size: .875rem; }
.legend { display: block; color: var(--text); }
.key { margin-right: 1.25rem; white-space: nowrap; }
.key::before { content: ""; display: inline-block; width: 1.5rem; height: 0; margin-right: .4rem; vertical-align: middle; border-top: 2px solid var(--first); }
.key.second::before { border-top: 2px dashed var(--second); }
.table { overflow-x: auto; margin: .75rem 0; max-width: 100%; }
/* What is hidden to the right fades out until it has been scrolled to; a shadow says so where the browser knows no scroll timelines. */
@supports (animation-timeline: scroll()) { .table { animation: fade linear both; animation-timeline: scroll(self inline); } }
@keyframes fade { 0%, 98% { mask-image: linear-gradient(to right, #000 calc(100% - 3rem), transparent); } 99%, 100% { mask-image: none; } }
@supports not (animation-timeline: scroll()) { .table { background: linear-gradient(to left, var(--ground) 1rem, transparent) right / 2rem 100% no-repeat local,
  linear-gradient(to left, var(--quiet), transparent) right / .5rem 100% no-repeat scroll; } }
table { border-collapse: collapse; font-size: .9375rem; }
caption { text-align: left; color: var(--quiet); font-size: .875rem; padding: .25rem 0; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); max-width: 26rem; overflow-wrap: break-word; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; }
tbody th { font-weight: 500; min-width: 5.5rem; }
.matrix tbody th { min-width: 0; }
td.text:last-child { min-width: 11rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.matrix td, .matrix thead th { padding: .35rem .6rem; text-align: center; border: 1px solid var(--line); }
.matrix td { color: var(--shade); }
${[1, 2, 3, 4].map((step) => `.right.step${step} { background: var(--right${step}); } .wrong.step${step} { background: var(--wrong${step}); }`).join("\n")}
.bar { display: block; height: .75rem; margin-top: .4rem; background: var(--first); min-width: 1px; }
td:has(.bar) { width: 12rem; min-width: 5rem; }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--first); }
details .table { max-height: 24rem; overflow-y: auto; }
.pictures { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .75rem; }
.pictures img { display: block; image-rendering: pixelated; background: #000; border: 1px solid var(--line); }
.pictures span { font-size: .875rem; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--first); outline-offset: 2px; }
@media print { details::details-content { content-visibility: visible; } .table { overflow: visible; animation: none; } }
`;
